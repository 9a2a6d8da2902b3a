"""What members do: fill in the form of an initiative, keep it as a draft, send it."""
