"""How do I show it to the prosecutor? One page, Korean or English, that makes no request."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

from crimeloc.briefing.page import Briefing, briefing

__all__ = ["Briefing", "briefing"]


class _Door(ModuleType):
    """The room and its verb bear one name: called, the room does what its verb does."""

    def __call__(self, *args: Any, **kwargs: Any) -> Briefing:
        return briefing(*args, **kwargs)


sys.modules[__name__].__class__ = _Door
