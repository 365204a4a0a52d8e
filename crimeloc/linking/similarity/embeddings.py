"""What is a cosine worth? Similarities of faces, voices or styles as likelihood ratios."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from crimeloc.errors import ParameterError
from crimeloc.messages import Message

__all__ = ["Calibration", "calibrate_similarity", "cosines"]

FOLDS = 5


@dataclass(frozen=True, repr=False)
class Calibration:
    """What the similarities of one model are worth, and how often it errs.

    Parameters
    ----------
    model : str
        Name of the model that made the embeddings.
    slope, intercept : float
        log2 likelihood ratio = slope * cosine + intercept.
    most_for, most_against : float
        Limits in bits: no more than the pairs at hand can support.
    curve : DataFrame
        Error curve, from folds that were left out: ``threshold_bits``, ``false_link`` (share of
        different persons above it), ``missed_link`` (share of same persons below it).
    cllr : float
        Cost of the likelihood ratios in bits (Brummer): 0 perfect, 1 worth nothing; left out folds.
    equal_error : float
        Error rate where both errors are equal; left out folds.
    n_same, n_different : int
        Pairs it was learned from.
    """

    model: str
    slope: float
    intercept: float
    most_for: float
    most_against: float
    curve: pd.DataFrame
    cllr: float
    equal_error: float
    n_same: int
    n_different: int

    def bits(self, cosine: ArrayLike) -> NDArray[np.float64]:
        """How much evidence are these similarities?

        Parameters
        ----------
        cosine : array-like
            Cosines; NaN (nothing known) gives 0.

        Returns
        -------
        ndarray
            log2 likelihood ratios, within the limits.
        """
        value = self.slope * np.asarray(cosine, np.float64) + self.intercept
        value = np.clip(value, -self.most_against, self.most_for)
        return np.asarray(np.where(np.isnan(value), 0.0, value))

    def __str__(self) -> str:
        """Say in a few lines what it is worth."""
        return (
            f"Similarity of {self.model}: {self.n_same:,} pairs of one person, "
            f"{self.n_different:,} of two\n"
            f"  equal error rate {self.equal_error:.1%}, Cllr {self.cllr:.2f} bits (left out)\n"
            f"  evidence between {-self.most_against:.1f} and {self.most_for:.1f} bits"
        )

    __repr__ = __str__


def cosines(left: ArrayLike, right: ArrayLike) -> NDArray[np.float64]:
    """How alike are these embeddings, row by row?

    Parameters
    ----------
    left, right : array-like, shape (n, dimensions)
        Embeddings of one model.

    Returns
    -------
    ndarray, shape (n,)
        Cosines between -1 and 1.

    Raises
    ------
    ParameterError
        Dimensions are mixed, a number is missing or infinite, or an embedding is all zero.

    Examples
    --------
    >>> cosines([[1.0, 0.0]], [[1.0, 1.0]]).round(4).tolist()
    [0.7071]
    """
    a, b = as_matrix(left, "left"), as_matrix(right, "right")
    if a.shape != b.shape:
        found = Message("shapes {shape} and {shape2}", shape=str(a.shape), shape2=str(b.shape))
        raise ParameterError(
            "right", found=found, expected="one shape for both", hint="one model for both sides"
        )
    return np.asarray(np.clip((unit(a) * unit(b)).sum(axis=1), -1.0, 1.0))


def calibrate_similarity(
    pairs: ArrayLike | tuple[ArrayLike, ArrayLike],
    labels: ArrayLike,
    *,
    model: str = "model",
) -> Calibration:
    """What is a similarity of this model worth as evidence for one person?

    Parameters
    ----------
    pairs : array-like, shape (n,), or a tuple of two, shape (n, dimensions)
        Cosines, or the embeddings of both sides.
    labels : array-like of bool, shape (n,)
        True where both sides are known to be one person.
    model : str
        Name of the model: a calibration holds for this one alone.

    Returns
    -------
    Calibration
        Likelihood ratios with limits, and the error curve.

    Raises
    ------
    ParameterError
        Lengths differ, numbers are missing, dimensions are mixed, or there are fewer than 20 pairs
        of a kind: too few to state an error rate.

    Notes
    -----
    Logistic regression of the label on the cosine with both classes given equal weight, so that
    its log odds are log likelihood ratios (Brummer & du Preez 2006). Limits: log2(n + 1) of the
    pairs of the other kind, beyond which nothing was seen. The error curve and Cllr come from five
    folds, taken in turn by position. If higher cosines do not speak for one person, the slope is
    held at 0. Held fixed: nothing. Random: nothing. What can fool it: pairs from another kind of
    material than the case at hand. Cost: linear in the pairs.

    References
    ----------
    Brummer, du Preez (2006), Application-independent evaluation of speaker detection.

    Examples
    --------
    >>> same, other = np.linspace(0.5, 0.9, 40), np.linspace(-0.2, 0.6, 40)
    >>> learned = calibrate_similarity(np.r_[same, other], [True] * 40 + [False] * 40)
    >>> bool(learned.bits(0.85) > 0 > learned.bits(0.1))
    True
    """
    cosine = cosines(*pairs) if isinstance(pairs, tuple) else np.asarray(pairs, np.float64)
    truth = np.asarray(labels)
    if truth.dtype != np.bool_ and not np.isin(truth, [0, 1]).all():
        raise ParameterError(
            "labels",
            found=Message("{dtype} values", dtype=truth.dtype),
            expected="True or False",
            hint="labels == 1",
        )
    truth = truth.astype(bool)
    if cosine.ndim != 1 or cosine.shape != truth.shape:
        found = Message(
            "{shape} similarities and {shape2} labels",
            shape=str(cosine.shape),
            shape2=str(truth.shape),
        )
        raise ParameterError(
            "labels", found=found, expected="one label for each pair", hint="labels=same_person"
        )
    if not np.isfinite(cosine).all():
        found = Message(
            "{n} similarities that are not numbers", n=int((~np.isfinite(cosine)).sum())
        )
        raise ParameterError(
            "pairs", found=found, expected="numbers", hint="pairs[np.isfinite(pairs)]"
        )
    n_same, n_other = int(truth.sum()), int((~truth).sum())
    if min(n_same, n_other) < 20:
        found = Message(
            "{n_same} pairs of one person and {n_other} of two", n_same=n_same, n_other=n_other
        )
        raise ParameterError(
            "labels", found=found, expected="at least 20 of each", hint="label more pairs"
        )
    slope, intercept = _fit(cosine, truth)
    fold = _folds(truth)
    left_out = np.empty(len(cosine))
    for k in range(FOLDS):
        a, b = _fit(cosine[fold != k], truth[fold != k])
        left_out[fold == k] = a * cosine[fold == k] + b
    most_for, most_against = float(np.log2(n_other + 1)), float(np.log2(n_same + 1))
    left_out = np.clip(left_out, -most_against, most_for)
    curve = _curve(left_out, truth)
    gap = (curve["false_link"] - curve["missed_link"]).abs().to_numpy()
    at = int(np.argmin(gap))
    equal = float(curve[["false_link", "missed_link"]].iloc[at].mean())
    cllr = 0.5 * float(
        np.log2(1 + np.exp2(-left_out[truth])).mean()
        + np.log2(1 + np.exp2(left_out[~truth])).mean()
    )
    return Calibration(
        model, slope, intercept, most_for, most_against, curve, cllr, equal, n_same, n_other
    )


def unit(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """Bring every row to length 1."""
    return np.asarray(matrix / np.linalg.norm(matrix, axis=1, keepdims=True))


def as_matrix(values: ArrayLike, name: str) -> NDArray[np.float64]:
    """Take embeddings as rows of finite numbers, or say what is wrong."""
    hint = "embeddings of one model, without missing rows"
    try:
        matrix = np.asarray(values, np.float64)
    except (ValueError, TypeError) as error:
        raise ParameterError(
            name, found="rows of mixed dimensions", expected="one length", hint=hint
        ) from error
    if matrix.ndim != 2:
        raise ParameterError(
            name,
            found=Message("shape {shape}", shape=str(matrix.shape)),
            expected="(n, dimensions)",
            hint=hint,
        )
    bad = ~np.isfinite(matrix).all(axis=1) | ~matrix.any(axis=1)
    if bad.any():
        found = Message(
            "NaN, infinite or all zero in {bad} rows (first: {first})",
            bad=int(bad.sum()),
            first=int(np.argmax(bad)) + 1,
        )
        raise ParameterError(name, found=found, expected="finite numbers", hint=hint)
    return matrix


def _fit(cosine: NDArray[np.float64], truth: NDArray[np.bool_]) -> tuple[float, float]:
    """Logistic regression with equal weight of both classes, by Newton's method; in bits."""
    weight = np.where(truth, 0.5 / truth.sum(), 0.5 / (~truth).sum()) * len(truth)
    centre, scale = cosine.mean(), cosine.std() + 1e-12
    x = (cosine - centre) / scale
    beta = np.zeros(2)
    design = np.column_stack([np.ones(len(x)), x])
    for _ in range(50):
        p = 1.0 / (1.0 + np.exp(-np.clip(design @ beta, -30, 30)))
        ridge = np.array([0.0, 0.5])  # half an observation holds a perfect separation finite
        gradient = design.T @ (weight * (truth - p)) - ridge * beta
        hessian = (design * (weight * p * (1 - p))[:, None]).T @ design + np.diag(ridge + 1e-9)
        step = np.linalg.solve(hessian, gradient)
        beta += np.clip(step, -5, 5)
        if np.abs(step).max() < 1e-6:
            break
    if beta[1] <= 0:
        return 0.0, 0.0
    slope = beta[1] / scale
    return float(slope / np.log(2)), float((beta[0] - slope * centre) / np.log(2))


def _folds(truth: NDArray[np.bool_]) -> NDArray[np.int64]:
    fold = np.empty(len(truth), np.int64)
    for side in (truth, ~truth):
        fold[side] = np.arange(int(side.sum())) % FOLDS
    return fold


def _curve(bits: NDArray[np.float64], truth: NDArray[np.bool_]) -> pd.DataFrame:
    at = np.unique(np.concatenate([bits, [bits.max() + 1.0]]))
    if len(at) > 400:
        at = np.unique(np.quantile(at, np.linspace(0, 1, 400)))
    same, other = np.sort(bits[truth]), np.sort(bits[~truth])
    return pd.DataFrame(
        {
            "threshold_bits": at,
            "false_link": 1.0 - np.searchsorted(other, at, side="left") / len(other),
            "missed_link": np.searchsorted(same, at, side="left") / len(same),
        }
    )
