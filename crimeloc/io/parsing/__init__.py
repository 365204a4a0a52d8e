"""Columns of text read as times, numbers, places and hours."""
