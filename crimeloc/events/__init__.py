"""Located events as arrays, the calendar they stand in, and their sessions."""
