"""How do I show it to the prosecutor? One page, Korean or English, that makes no request."""

from crimeloc.report.document import Briefing, briefing

__all__ = ["Briefing", "briefing"]
