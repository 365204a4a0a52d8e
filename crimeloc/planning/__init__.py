"""Where do I send two officers for three evenings? Which camera footage must be kept now?"""

from __future__ import annotations

from crimeloc.planning.footage import preserve_footage
from crimeloc.planning.search import after_search
from crimeloc.planning.visits import Plan, plan_visits

__all__ = ["Plan", "after_search", "plan_visits", "preserve_footage"]
