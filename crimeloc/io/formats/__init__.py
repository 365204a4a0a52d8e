"""Kinds of files, taken apart into named columns and numbered rows."""
