"""Texts as codes and parameters, in catalogues."""
