"""Which column plays which part: the known names, and how they are found."""
