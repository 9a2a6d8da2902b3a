"""How a unit is doing: targets, pace, what waits, what is unusual."""
