"""Exploration: what is drawn to learn from, and that both ways of scoring agree."""

from __future__ import annotations

import numpy as np
import pytest

from crimeloc.ranking.history import read_history
from crimeloc.ranking.model.defaults import THETA
from crimeloc.ranking.model.mixture import Weights, choice_weights
from crimeloc.ranking.model.training import _not_chosen, moment
from crimeloc.ranking.model.walker import Setting, Walker
from crimeloc.ranking.population import read_population
from crimeloc.ranking.register import read_register


def test_draws_stand_for_all_that_were_not_chosen():
    rng = np.random.default_rng(5)
    free, score = np.arange(1000), rng.normal(0.0, 3.0, 1000)
    whole = np.exp(score).sum()
    sums = []
    for _ in range(200):
        drawn, stands_for = _not_chosen(free, score, 50, rng)
        sums.append(np.exp(score[drawn] + stands_for).sum())
    assert np.mean(sums) == pytest.approx(whole, rel=0.02)
    assert np.std(sums) < 0.3 * whole


def test_few_that_were_not_chosen_are_all_taken_once():
    drawn, stands_for = _not_chosen(np.array([2, 5, 7]), np.zeros(3), 6, np.random.default_rng(0))
    assert sorted(drawn[np.isfinite(stands_for)]) == [2, 5, 7]
    assert (stands_for[np.isfinite(stands_for)] == 0).all()


def test_planted_tastes_are_found_from_draws():
    rng = np.random.default_rng(6)
    taste = np.zeros(len(THETA))
    taste[[0, 3, 30]] = 1.5, -1.0, 0.7
    sets = np.zeros((600, 41, len(taste)), np.float32)
    stands_for = np.zeros((600, 41), np.float32)
    for k in range(600):
        x = np.zeros((300, len(taste)))
        x[:, [0, 3, 30]] = rng.normal(size=(300, 3))
        u = x @ taste
        true = int(np.argmax(u + rng.gumbel(size=300)))
        others = np.delete(np.arange(300), true)
        drawn, stands_for[k, 1:] = _not_chosen(others, 0.5 * u[others], 40, rng)
        sets[k] = x[np.concatenate([[true], drawn])]
    found = choice_weights(sets, stands_for, np.zeros(len(taste)), 1.0)
    assert found[[0, 3, 30]] == pytest.approx([1.5, -1.0, 0.7], abs=0.15)


def test_features_and_forecast_score_alike(located, venues):
    register = read_register(venues)
    history = read_history(located, register, tz="Asia/Seoul", country=None)
    theta = THETA + np.random.default_rng(7).normal(0.0, 0.1, len(THETA))
    population = read_population(history, len(register))
    walker = Walker(Setting(history, register, population, Weights(theta=theta)), 0)
    row = walker.last - 1
    now = float(history.rows.t[row])
    said = walker.ask(moment(history, row), now=now).new[0, 0]
    x = walker.features(moment(history, row), now=now)[0]
    u = x @ theta
    chance = np.exp(u - u.max()) * (1.0 - walker.state.used)
    assert x.shape == (len(register), len(THETA))
    assert said == pytest.approx(chance / chance.sum(), abs=1e-12)
