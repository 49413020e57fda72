"""The static hedge beside a run: it stands at its ratio from the first step on, band or not."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import volsculpt as vs
from tests.market.made import START_NS
from tests.simulate.stores import HEDGE, MARGIN, parts, perpetual, rising, run, written
from volsculpt.simulate import static_hedge as beside
from volsculpt.simulate.backtest import plain_state
from volsculpt.simulate.history_run import run_history
from volsculpt.simulate.run import RunRequest, prepared
from volsculpt.simulate.static_hedge import (
    StaticHedge,
    mean_held,
    static_hedge,
    static_run,
    static_words,
)
from volsculpt.units import DAY_NS, HOUR_NS

pytestmark = pytest.mark.usefixtures("kernel")
OWNED = MARGIN.format("BTC = 1.0") + HEDGE.format("BTC", 1.0)
WIDE = "band = { trigger = 0.3, settle = 0.2 }\n"  # a plan at a ratio of 0.1 would not open it
SPAN = (START_NS + 2 * DAY_NS, START_NS + 4 * DAY_NS, None)


def held_by_static(folder: Path, ratio: float, end: float = 50_000.0) -> float:
    """Contracts at the end of a static hedge of one coin at 50,000 USD."""
    store = perpetual(folder, rising(2, 50_000.0, end))
    mandate = vs.load(written(folder, OWNED + WIDE))
    request = RunRequest(SPAN, vs.Costs(half_spread=0.0), True)
    made = prepared(mandate, None, store, request)
    lanes = static_run(made.start, np.array([ratio])).lanes
    assert not lanes.noted  # its wealth is all that is looked at
    return plain_state(lanes).contracts[0]


def test_it_opens_to_its_ratio(tmp_path: Path) -> None:
    """A tenth of 50,000 USD is short 5,000, though the band begins to trade at three tenths."""
    assert held_by_static(tmp_path, 0.1) == -5_000.0


def test_its_band_holds_from_then_on(tmp_path: Path) -> None:
    """After a rise of a third the ratio is 0.075 of what is owned; inside the band, so it stays."""
    assert held_by_static(tmp_path, 0.1, 66_500.0) == -5_000.0


def test_it_stands_beside_a_backtest(tmp_path: Path) -> None:
    """A policy that hedges 0.4 for a day of four is compared with a hedge that holds 0.1."""
    lines = [f"{START_NS // 10**9 + day * 86_400}" for day in (2, 3)]
    times = [str(np.datetime64(int(one), "s")) + "Z" for one in lines]
    ratios = f"time,ratio\n{times[0]},0.4\n{times[1]},0\n"
    (tmp_path / "ratio.csv").write_text(ratios, encoding="utf-8")
    hedge = '[[hedge]]\nunderlying = "BTC"\npolicy = "series"\nfile = "ratio.csv"\n'
    text = MARGIN.format("BTC = 1.0") + hedge + "band = { trigger = 0.15, settle = 0 }\n"
    report = run(perpetual(tmp_path, rising(4, 50_000.0, 60_000.0)), text, 4)
    static, unhedged = report.inputs.static_usd, report.inputs.unhedged_usd
    assert static is not None
    earned = (static[-1] / static[0] - 1.0) / (unhedged[-1] / unhedged[0] - 1.0)
    assert earned == pytest.approx(0.9, abs=0.01)
    assert parts(report)["fees"] < 0.0


def test_it_holds_what_the_run_held_and_not_a_little_less(tmp_path: Path) -> None:
    """Its band leaves a hedge beside its target: the target that holds as much is looked for.

    So the yardstick of a fixed hedge is that hedge.
    """
    prices = 50_000.0 * (1.0 + 0.05 * (np.arange(60) * 7 % 5))
    store = perpetual(tmp_path, prices)
    band = "band = { trigger = 0.04, settle = 0.03 }\n"
    mandate = vs.load(
        written(tmp_path, MARGIN.format("BTC = 1.0") + HEDGE.format("BTC", 0.5) + band)
    )
    span = (START_NS + HOUR_NS, START_NS + 59 * HOUR_NS, HOUR_NS)
    made = prepared(mandate, None, store, RunRequest(span, vs.Costs(half_spread=0.0), True))
    ran = run_history(made.start, beside.compiled_run())
    held = mean_held([ran])
    found = static_hedge([made.start], [ran])
    assert found.held == pytest.approx(held)
    plain, twin = (
        mean_held([static_run(made.start, ratios, noted=True)]) for ratios in (held, found.ratios)
    )
    assert abs(twin - held) < 0.2 * abs(plain - held)
    assert 0.0 <= found.ratios[0] <= 1.0


def test_the_mean_leaves_out_what_there_was_nothing_to_hedge() -> None:
    """Over two runs, the first stamp of each aside, and 0 where there never was anything."""
    held = np.array([[9.0, np.nan], [0.2, np.nan], [0.4, np.nan], [np.nan, np.nan]])
    runs = [SimpleNamespace(series=SimpleNamespace(held=held))] * 2
    assert mean_held(runs) == pytest.approx([0.3, 0.0])  # type: ignore[arg-type]


def test_it_is_named() -> None:
    """Which ratio of which coin."""
    setup = SimpleNamespace(hedges=[SimpleNamespace(underlying="BTC")])
    for there, told in ((0.5254, ""), (0.44, " (it holds 44 %)")):
        static = StaticHedge(np.array([0.6]), np.array([0.5254]), np.array([there]))
        assert static_words(setup, static) == f"the mean held ratio: BTC 52.5 %{told}"  # type: ignore[arg-type]


@pytest.mark.parametrize(("least", "found"), [(-0.5, -0.3), (-0.2, -0.2), (0.0, 0.0)])
def test_a_steady_ratio_may_be_as_low_as_the_limits_allow(
    monkeypatch: pytest.MonkeyPatch, least: float, found: float
) -> None:
    """A run that held -30 % on average, by an account of which every target is held."""
    limits = SimpleNamespace(min_ratio=least, max_ratio=1.0)
    start = SimpleNamespace(spec=SimpleNamespace(setup=SimpleNamespace(limits=limits)))

    def held_at(ratio: float) -> SimpleNamespace:
        column = np.full((4, 1), ratio)
        return SimpleNamespace(series=SimpleNamespace(held=column), targets=column)

    monkeypatch.setattr(beside, "static_run", lambda _, asked, noted: held_at(float(asked[0])))
    static = static_hedge([start], [held_at(-0.3)])  # type: ignore[list-item]
    assert static.ratios == pytest.approx([found])
