"""How the kernels of clusters and tests are compiled.

A wrapper and a cache file for every small part would cost seconds at the first call.
"""

# mypy: disallow-untyped-decorators=False
from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import njit

__all__ = ["fast_kernel", "kernel", "part"]

_F = TypeVar("_F", bound=Callable[..., Any])
_KERNEL: dict[str, Any] = {
    "cache": True,
    "nogil": True,
    "error_model": "numpy",
    "no_cfunc_wrapper": True,
}
_PART: dict[str, Any] = {
    "nogil": True,
    "error_model": "numpy",
    "no_cpython_wrapper": True,
    "no_cfunc_wrapper": True,
}


def kernel(function: _F) -> _F:
    """Compile what Python calls, once for good."""
    return cast("_F", njit(**_KERNEL)(function))


def fast_kernel(function: _F) -> _F:
    """Compile what Python calls, free to reorder sums: where no result hangs on the last digits."""
    return cast("_F", njit(fastmath=True, **_KERNEL)(function))


def part(function: _F) -> _F:
    """Compile into the kernels that call it."""
    return cast("_F", njit(**_PART)(function))
