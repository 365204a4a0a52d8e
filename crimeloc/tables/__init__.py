"""The tables in which rooms meet: one contract each, with dtype, unit, meaning and a hint.

A table is a plain (Geo)DataFrame. `validate` holds it against its contract; further columns pass
through untouched. The data dictionary in the documentation is made from these contracts.
"""

from crimeloc.tables.contracts import (
    CLUSTERS,
    CONTRACTS,
    ELSEWHERE,
    EVENTS,
    LEASES,
    LOCATED,
    SLOTS,
    VENUES,
)
from crimeloc.tables.schema import Column, Contract, Rule, empty, validate

__all__ = [
    "CLUSTERS",
    "CONTRACTS",
    "ELSEWHERE",
    "EVENTS",
    "LEASES",
    "LOCATED",
    "SLOTS",
    "VENUES",
    "Column",
    "Contract",
    "Rule",
    "empty",
    "validate",
]
