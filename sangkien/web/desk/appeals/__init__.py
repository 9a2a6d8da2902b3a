"""Appeals and second looks, decided by the level above."""
