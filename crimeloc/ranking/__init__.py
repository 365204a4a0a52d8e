"""Which venue, and which hours, next?"""

from crimeloc.ranking.experts import Expert, Moments, experts, register
from crimeloc.ranking.ranker import Ranker, rank
from crimeloc.ranking.result import Ranking
from crimeloc.ranking.sets import CredibleSet

__all__ = ["CredibleSet", "Expert", "Moments", "Ranker", "Ranking", "experts", "rank", "register"]
