"""What the experts look at: features with names, and the compiled sweeps that fill them in."""
