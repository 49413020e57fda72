"""The list of functions that run both plain and compiled.

``@compilable`` only lists a function and hands it back unchanged, so plain mode costs
nothing and imports nothing. The simulator registers the list with numba. Two kinds of
function may carry the mark: scalar formulas, and loops over flat sequences (``for i in
range(n)`` and indexing; no dict, string, self, input or output).
"""

from collections.abc import Callable
from typing import Any, TypeVar

Function = TypeVar("Function", bound=Callable[..., Any])

_FUNCTIONS: list[Callable[..., Any]] = []


def compilable(function: Function) -> Function:
    """List `function` as one that gives the same answer plain and compiled."""
    _FUNCTIONS.append(function)
    return function


def compilable_functions() -> tuple[Callable[..., Any], ...]:
    """All functions listed so far, in the order their modules were imported."""
    return tuple(_FUNCTIONS)
