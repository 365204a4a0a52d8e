"""How the worlds of chance are made: the generator, how many worlds, on how many threads."""

from __future__ import annotations

import os
from typing import NamedTuple

import numpy as np

from crimeloc import units
from crimeloc.errors import ParameterError
from crimeloc.messages import Hint

__all__ = ["Chance", "chance_of", "seed_text", "threads_of"]


class Chance(NamedTuple):
    """What a test by permutation is given.

    Parameters
    ----------
    generator : Generator
        Gives one seed to each world, so that threads do not matter.
    n_permutations : int
        Worlds.
    threads : int
        How many are made at a time.
    early_stop : int or None
        Stop with the world that is the n-th to reach what was observed.
    progress : bool
        Show a progress bar.
    """

    generator: np.random.Generator
    n_permutations: int
    threads: int
    early_stop: int | None = None
    progress: bool = False


def chance_of(
    rng: int | np.random.Generator,
    n_permutations: int,
    n_jobs: int | None = None,
    *,
    early_stop: int | None = None,
    progress: bool = False,
) -> Chance:
    """Hold what was given against what can be used."""
    generator = units.generator(rng)
    whole = isinstance(n_permutations, (int, np.integer)) and not isinstance(n_permutations, bool)
    if not whole or n_permutations < 1:
        raise ParameterError(
            "n_permutations",
            found=repr(n_permutations),
            expected="a whole number from 1",
            hint=Hint(n_permutations=999),
        )
    if early_stop is not None and (isinstance(early_stop, bool) or early_stop < 1):
        raise ParameterError(
            "early_stop",
            found=repr(early_stop),
            expected="a count, or None",
            hint=Hint(early_stop=10),
        )
    return Chance(generator, int(n_permutations), threads_of(n_jobs), early_stop, progress)


def seed_text(rng: int | np.random.Generator) -> object:
    """Give what a record says of the generator."""
    return rng if isinstance(rng, (int, np.integer)) else "a generator that was given"


def threads_of(n_jobs: int | None) -> int:
    """How many threads? With None, as many as there are processors to be had."""
    if n_jobs is None:
        return max(1, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1)
    if isinstance(n_jobs, bool) or not isinstance(n_jobs, (int, np.integer)) or n_jobs < 1:
        raise ParameterError(
            "n_jobs",
            found=repr(n_jobs),
            expected="a whole number from 1, or None",
            hint=Hint(n_jobs=2),
        )
    return int(n_jobs)
