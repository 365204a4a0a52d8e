"""Learn what evidence is worth: by EM, or by counts where persons are known."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from crimeloc.errors import ParameterError
from crimeloc.linking.entities import Entities
from crimeloc.linking.log_arrays import Floats, Ints, Log
from crimeloc.linking.model import fellegi_sunter as fs
from crimeloc.linking.model.blocking import random_pairs
from crimeloc.linking.model.comparisons import Levels, levels
from crimeloc.linking.model.patterns import patterns
from crimeloc.linking.model.profiles import Profiles
from crimeloc.messages import Message

SAMPLE = 200_000
Labels = pd.Series | Mapping[str, object] | None


def learn(
    p: Profiles,
    entities: Entities,
    kinds: dict[str, Levels],
    i: Ints,
    j: Ints,
    labels: Labels,
    parameters: Mapping[str, object] | None,
    log: Log,
) -> fs.Weights:
    """Weigh the levels from the candidates and an even sample of all other pairs."""
    total = p.n * (p.n - 1) / 2
    a, b = random_pairs(p.n, SAMPLE, i * p.n + j)
    others = levels(p, a, b)
    every = {kind: np.concatenate([kinds[kind], others[kind]]) for kind in kinds}
    stands = max(total - len(i), 0.0) / max(len(a), 1)
    sampled = np.repeat([0, 1], [len(i), len(a)])
    seen = patterns(every, sampled, 2)
    learned = fs.by_em(seen.levels, seen.n_pairs @ np.array([1.0, stands]), max(total, 1.0))
    if labels is not None:
        person = known_persons(labels, log, entities.of, p.n)
        one, two = np.concatenate([i, a]), np.concatenate([j, b])
        known = (person[one] >= 0) & (person[two] >= 0)
        if not known.any():
            hint = "labels=pd.Series(person, index=event_id) with several uploads a person"
            raise ParameterError(
                "labels", found="no pair with both sides known", expected="more labels", hint=hint
            )
        same = person[one[known]] == person[two[known]]
        part = {kind: level[known] for kind, level in every.items()}
        seen = patterns(part, 2 * sampled[known] + same, 4)
        weight = seen.n_pairs * np.array([1.0, 1.0, stands, stands])
        counted = fs.by_counts(
            seen.levels, weight[:, 0] + weight[:, 2], weight[:, 1] + weight[:, 3]
        )
        learned = fs.Weights(counted.linked, counted.unlinked, learned.prior, 1, "counts")
    if parameters is not None:
        learned = fs.given(parameters, kinds, learned)
    return learned


def known_persons(labels: Labels, log: Log, of: Ints, n: int) -> Ints:
    """The person most uploads of each entity are known to be by; -1 where nothing is known."""
    table = pd.Series(labels, dtype=object).dropna()
    number, _ = pd.factorize(table.astype("str"), sort=True)
    per_event = pd.Series(number, index=table.index.astype("str"))
    if per_event.index.has_duplicates:
        twice = per_event.index[per_event.index.duplicated()][0]
        raise ParameterError(
            "labels",
            found=Message("{twice} twice", twice=repr(twice)),
            expected="one person per event",
            hint="labels[~labels.index.duplicated()]",
        )
    event = per_event.reindex(log.event_id.astype("str")).to_numpy(dtype=np.float64)
    known = ~np.isnan(event) & (of >= 0)
    person = np.full(n, -1, np.int64)
    if known.any():
        pairs = pd.DataFrame({"of": of[known], "who": event[known].astype(np.int64)})
        count = pairs.value_counts().reset_index(name="n")
        count = count.sort_values(["of", "n", "who"], ascending=[True, True, False])
        person[count["of"].to_numpy()] = count["who"].to_numpy()  # the most frequent comes last
    return person


def total(kinds: Mapping[str, Levels], weights: fs.Weights) -> Floats:
    """The score of each pair: prior plus all evidence, in bits."""
    length = len(next(iter(kinds.values()))) if kinds else 0
    bits = fs.score(kinds, weights)
    return weights.prior_bits + sum(bits.values(), np.zeros(length))
