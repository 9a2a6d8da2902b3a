"""What members do: sign in, submit, withdraw."""
