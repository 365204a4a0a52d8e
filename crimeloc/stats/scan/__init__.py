"""The space-time scan."""
