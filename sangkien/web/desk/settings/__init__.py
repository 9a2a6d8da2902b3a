"""How a programme's initiatives are verified."""
