"""Integer arithmetic that makes texts look drawn at random while every number always gets the same one."""

MASK = (1 << 64) - 1


def scatter(number: int, salt: int = 0) -> int:
    """64 well-mixed bits for `number` (splitmix64's finaliser); the same for ever."""
    z = (number * 0x9E3779B97F4A7C15 + salt) & MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)
