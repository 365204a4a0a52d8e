"""Where do I send two officers for three evenings? Which camera footage must be kept now?"""

from __future__ import annotations

from crimeloc.planning.footage import preserve_footage
from crimeloc.planning.patrols import Plan, plan_visits
from crimeloc.planning.search import after_search

__all__ = ["Plan", "after_search", "plan_visits", "preserve_footage"]
