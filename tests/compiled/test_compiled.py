"""The compiled functions are the plain ones: the same bits, in one lane and in many."""

import importlib
import pkgutil
from collections.abc import Callable
from typing import Any

import numba
import pytest

import volsculpt
from tests.compiled.folds import fold_prices
from tests.compiled.lanes import (
    DRIVERS,
    Inputs,
    Rows,
    decide_lanes,
    fill_lanes,
    lanes_of,
    measure_lanes,
    plain_inputs,
    record_inputs,
    the_book,
)
from tests.compiled.samples import SCALARS, arguments, names_used
from volsculpt.compilable import compilable_functions
from volsculpt.simulate import kernel, series

for module in pkgutil.walk_packages(volsculpt.__path__, "volsculpt."):
    if not module.name.startswith(("volsculpt.app", "volsculpt.__main__")):
        importlib.import_module(module.name)

LISTED = {function.__name__: function for function in compilable_functions()}
COUNTS = (1, 67)


def fields(record: Rows, plain: Rows) -> tuple[dict[str, Any], dict[str, Any]]:
    """The same fields of a record and of a named tuple, padding cut off."""
    left, right = {}, {}
    for name, said in zip(plain._fields, plain, strict=True):
        if not hasattr(said, "_fields"):
            left[name] = record[name][: len(said)].tolist()
            right[name] = list(said)
    return left, right


def run(kind: str, drivers: dict[str, Callable[..., None]], made: Inputs) -> None:
    """Run one driver on its arguments."""
    if kind == "decide_lanes":
        drivers[kind](
            made.layouts,
            made.states,
            made.quotes,
            made.rules,
            made.ratios,
            made.works,
            made.answers,
            made.triggers,
        )
    elif kind == "measure_lanes":
        drivers[kind](made.layouts, made.states, made.quotes, made.figures)
    else:
        drivers[kind](made.layouts, made.states, made.quotes, made.sizes)


PLAIN = {driver.__name__: driver for driver in DRIVERS}


@pytest.mark.parametrize("count", COUNTS)
def test_act_is_the_same_compiled(count: int, compiled: dict[str, Callable[..., None]]) -> None:
    """Every figure of every answer agrees bit for bit, and so do whole contracts."""
    book = the_book()
    lanes = lanes_of(book, count, seed=count)
    plain, fast = plain_inputs(book, lanes), record_inputs(book, lanes)
    run("decide_lanes", PLAIN, plain)
    run("decide_lanes", compiled, fast)
    traded = 0
    for lane in range(count):
        left, right = fields(fast.answers[lane], plain.answers[lane])
        assert left == right
        traded += sum(size != 0.0 for size in right["trade"])
    assert traded > count / 4


@pytest.mark.parametrize("count", COUNTS)
def test_margin_is_the_same_compiled(count: int, compiled: dict[str, Callable[..., None]]) -> None:
    """Equity, maintenance and liquidation factors agree bit for bit."""
    book = the_book()
    lanes = lanes_of(book, count, seed=count + 1)
    plain, fast = plain_inputs(book, lanes), record_inputs(book, lanes)
    run("measure_lanes", PLAIN, plain)
    run("measure_lanes", compiled, fast)
    assert fast.figures.tolist() == plain.figures
    assert any(row[3] == 1.0 for lane in plain.figures for row in lane)


@pytest.mark.parametrize("count", COUNTS)
def test_fills_are_the_same_compiled(count: int, compiled: dict[str, Callable[..., None]]) -> None:
    """Positions, costs and wallets after fills agree bit for bit."""
    book = the_book()
    lanes = lanes_of(book, count, seed=count + 2)
    plain, fast = plain_inputs(book, lanes), record_inputs(book, lanes)
    run("fill_lanes", PLAIN, plain)
    run("fill_lanes", compiled, fast)
    for lane in range(count):
        left, right = fields(fast.states[lane], plain.states[lane])
        assert left == right


@pytest.mark.parametrize("lane", [0, 41, 66])
def test_a_lane_alone_is_the_same_lane_among_many(
    lane: int, compiled: dict[str, Callable[..., None]]
) -> None:
    """Neighbours change nothing: lane k of 67 equals the same lane run by itself."""
    book = the_book()
    lanes = lanes_of(book, 67, seed=5)
    many, alone = record_inputs(book, lanes), record_inputs(book, [lanes[lane]])
    run("decide_lanes", compiled, many)
    run("decide_lanes", compiled, alone)
    assert many.answers[lane].tobytes() == alone.answers[0].tobytes()


@pytest.mark.usefixtures("compiled")
@pytest.mark.parametrize("name", sorted(SCALARS))
def test_a_formula_is_the_same_compiled(name: str) -> None:
    """Each scalar formula gives the same bits compiled, over a spread of arguments."""
    formula = LISTED[name]
    fast = numba.njit(error_model="numpy")(formula)
    for said in arguments(name):
        plain, found = formula(*said), fast(*said)
        assert tuple(found) == tuple(plain) if isinstance(plain, tuple) else found == plain


def test_every_listed_function_is_compiled_here() -> None:
    """A new compilable function fails until something above, or the kernel's tests, runs it."""
    reached = set(SCALARS)
    drivers = (
        decide_lanes,
        measure_lanes,
        fill_lanes,
        fold_prices,
        series.add_moved,
        series.follow,
        series.write_hedges,
    )
    steps = (kernel.advance_lane, kernel.is_silent, kernel.decide, kernel.run_lane)
    for driver in (*drivers, *steps):
        reached |= names_used(driver, LISTED)
    assert sorted(set(LISTED) - reached) == []
