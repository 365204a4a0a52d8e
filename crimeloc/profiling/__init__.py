"""Around which place does the offender live or work?"""

from __future__ import annotations

from crimeloc.profiling.kernels import negative_exponential, rossmo
from crimeloc.profiling.profile import Profile, profile_anchor

__all__ = ["Profile", "negative_exponential", "profile_anchor", "rossmo"]
