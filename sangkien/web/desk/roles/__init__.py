"""Who can do what in a unit, and why."""
