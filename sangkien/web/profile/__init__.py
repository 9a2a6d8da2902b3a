"""Who somebody is, and where they work."""
