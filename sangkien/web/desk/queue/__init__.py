"""What waits for an officer, decided one by one or many at once."""
