"""Parts of compiled code are lowered alone, and optimised in what calls them."""

import numba
import pytest
from numba.core.codegen import CPUCodeLibrary
from numba.extending import register_jitable

from volsculpt.simulate.parts import PART, WHOLE


def deepest(x: float) -> float:
    """Called by both others."""
    return x * x


def middle(x: float) -> float:
    """Calls one part."""
    return deepest(x) + 1.0


def outer(x: float, n: int) -> float:
    """Calls one part straight and by way of another."""
    total = deepest(x)
    for _ in range(n):
        total += middle(total)
    return total


def test_only_what_is_called_from_outside_is_optimised(monkeypatch: pytest.MonkeyPatch) -> None:
    """However deep its parts lie, machine code is made once; it gives what plain code gives."""
    optimised: list[str] = []
    optimise = CPUCodeLibrary._optimize_final_module

    def noted(library: CPUCodeLibrary) -> None:
        optimised.append(library.name)
        optimise(library)

    monkeypatch.setattr(CPUCodeLibrary, "_optimize_final_module", noted)
    for part in (deepest, middle):
        register_jitable(**PART)(part)
    fast = numba.njit(**WHOLE)(outer)
    assert fast(1.25, 3) == outer(1.25, 3)
    assert {"outer", "middle", "deepest"} & set(optimised) == {"outer"}
