"""Which venue, and which hours, next?"""

from crimeloc.ranking.credible_sets import CredibleSet
from crimeloc.ranking.model.experts import Expert, Moments, experts, register
from crimeloc.ranking.ranker import Ranker, rank
from crimeloc.ranking.ranking import Ranking

__all__ = ["CredibleSet", "Expert", "Moments", "Ranker", "Ranking", "experts", "rank", "register"]
