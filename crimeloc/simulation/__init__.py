"""A made-up city whose truth is known."""

from __future__ import annotations

from crimeloc.simulation.city import City, make_city

__all__ = ["City", "make_city"]
