"""What is broken, repeated or in conflict in what was read."""
