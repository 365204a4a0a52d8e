"""Hashes, frames and embeddings: which contents are near each other."""
