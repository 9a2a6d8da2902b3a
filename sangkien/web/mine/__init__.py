"""What a member has sent: the list, the receipt, answers."""
