"""The words of the field: whole, linked, with examples that the package's own functions make."""

import re
from collections.abc import Callable

import numpy as np
import pytest

from tests.factories import flat_at, flat_margin, inverse, liquidation_price, one_leg, tiered
from tests.structure.source_tree import ROOT
from volsculpt.book.exposure import held_ratio, leg_pnl
from volsculpt.book.group import group_equity, group_gross, group_maintenance
from volsculpt.book.holdings import Account, Book
from volsculpt.contracts import payoff
from volsculpt.contracts.costs import fee
from volsculpt.contracts.funding import annual, cash_flow
from volsculpt.contracts.lots import lots_down
from volsculpt.contracts.orders import is_reduction, order_value
from volsculpt.contracts.payoff import INVERSE, LINEAR, QUANTO, value
from volsculpt.contracts.pricing import basis, basis_annual, carried_mark, convergence
from volsculpt.decide.band import OVER, UNDER, WITHIN, band_side, inner_bound
from volsculpt.decide.limits import Limits
from volsculpt.hedge.estimators.ols import Ols
from volsculpt.report.rows.glossary import Word, called, near, words
from volsculpt.report.stats import metrics
from volsculpt.report.stats.bootstrap import middle
from volsculpt.report.stats.effectiveness import variance_reduction
from volsculpt.report.stats.metrics import Sample
from volsculpt.report.stats.returns import floats
from volsculpt.text import coins, leverage, percent, price, usd

WORDS = words()
SHORT = one_leg(inverse(margin=flat_margin(0.005)), -60_000, 60_000.0, 0.25)
AT = {"BTC": 60_000.0}


def profit(kind: int, contracts: float, multiplier: float, opened: float, now: float) -> float:
    """What contracts have earned from one price to another, in what they pay in."""
    then = value(kind, contracts, multiplier, opened)
    return payoff.unrealised_pnl(kind, then, value(kind, contracts, multiplier, now))


def sample(*returns: float, years: float | None = None) -> Sample:
    """Daily returns of a path."""
    found = floats(returns)
    return Sample(found, years or found.size / 365)


def group(figure: Callable[..., float], book: Book, at: float = 60_000.0) -> float:
    """A figure of the first margin group of a book at a price."""
    flat, quote = flat_at(book, {"BTC": at})
    return figure(flat.layout, flat.state, quote, 0)


def weighed(weight: float, btc: float, usdt: float) -> float:
    """What counts as margin of coins in a unified account, US dollars."""
    held = Account(
        "all",
        "margin",
        venue="bybit",
        margin_mode="unified",
        balances={"BTC": btc, "USDT": usdt},
        collateral_weights={"BTC": weight, "USDT": 1.0},
    )
    flat, quote = flat_at(Book((held,)), AT | {"USDT": 1.0}, extra=[("all", inverse())])
    return group_equity(flat.layout, flat.state, quote, 0)


def slope(*pairs: tuple[float, float]) -> float:
    """The beta of one coin to another, by least squares."""
    x, y = (np.asarray(side, dtype=np.float64) for side in zip(*pairs, strict=True))
    return float(Ols(lags=0).fit(x[:, None], y).ratio_[0])


def delivered() -> list[str]:
    """Gross, fee and rest of a delivery."""
    cost, worth = value(INVERSE, -12_000, 1.0, 60_000), value(INVERSE, -12_000, 1.0, 50_000)
    rest = payoff.delivery_pnl(INVERSE, -12_000, 1.0, cost, 50_000, 0.00015)
    return [coins(cost - worth), coins(fee(worth, 0.00015)), coins(rest)]


# What must stand in the example of a word, made by the functions that the program uses.
FIGURES: dict[str, Callable[[], list[str]]] = {
    "future": lambda: [usd(profit(LINEAR, -1, 1.0, 60_000, 50_000))],
    "inverse": lambda: [
        f"worth {coins(-value(INVERSE, -60_000, 1.0, 50_000))} BTC",
        f"{coins(profit(INVERSE, -60_000, 1.0, 60_000, 50_000))} BTC",
        usd(50_000 * profit(INVERSE, -60_000, 1.0, 60_000, 50_000)),
    ],
    "linear": lambda: [
        f"profit is {usd(profit(LINEAR, -1, 1.0, 60_000, 50_000))}",
        f"loss is {usd(-profit(LINEAR, -1, 1.0, 60_000, 70_000))}",
    ],
    "quanto": lambda: [f"{coins(profit(QUANTO, -1_000, 1e-6, 400, 300))} BTC"],
    "face value": lambda: [
        f"{round(value(INVERSE, 20_000, 1.0, 60_000), 4)} BTC at 60,000",
        f"{coins(value(INVERSE, 20_000, 1.0, 50_000))} BTC at 50,000",
    ],
    "contract size": lambda: [
        usd(order_value(INVERSE, count, size, 60_000)) for count, size in ((100, 100), (10_000, 1))
    ],
    "lot": lambda: [f"sells {coins(lots_down(1_234.7))}"],
    "delivery": delivered,
    "mark": lambda: [price(carried_mark(50_000, 60_060, 60_000))],
    "basis": lambda: [percent(basis(61_200, 60_000)), percent(basis_annual(61_200, 60_000, 90))],
    "contango": lambda: [percent(basis(61_200, 60_000))],
    "backwardation": lambda: [percent(-basis(59_400, 60_000))],
    "carry": lambda: [f"{round(convergence(INVERSE, -60_000, 1.0, 61_200, 60_000), 4)} BTC"],
    "funding": lambda: [
        f"{coins(cash_flow(value(INVERSE, -60_000, 1.0, 60_000), 0.0001))} BTC",
        percent(annual(0.0001, 8)),
    ],
    "exposure": lambda: [
        f"{coins(2 + payoff.base_exposure(INVERSE, -60_000, 1.0, 60_000, 1.0, 1.0))} BTC",
        f"{usd(payoff.quote_exposure(INVERSE, -60_000, 1.0, 60_000))} USD",
    ],
    "delta": lambda: [
        f"{round(payoff.base_exposure(INVERSE, -20_000, 1.0, at, 1.0, 1.0), 4)} BTC"
        for at in (60_000, 50_000)
    ],
    "hedge ratio": lambda: [f"{coins(value(INVERSE, 90_000, 1.0, 60_000))} BTC"],
    "held ratio": lambda: [percent(held_ratio(1.0, 2.0))],
    "beta": lambda: [f"of {slope(*4 * [(1.0, 1.2), (2.0, 2.4), (-1.0, -1.2)]):.3g}."],
    "no-trade band": lambda: [
        f"brought to {percent(inner_bound(band_side(0.44, 0.5, 0.05, 0.05), 0.5, 0.02, 0.02))}"
    ],
    "settle": lambda: [
        f"below a trade stops at {percent(inner_bound(UNDER, 0.5, 0.02, 0.02))}",
        f"above at {percent(inner_bound(OVER, 0.5, 0.02, 0.02))}",
    ],
    "maintenance margin": lambda: [
        f"{coins(group(group_maintenance, SHORT))} BTC",
    ],
    "tier": lambda: [
        coins(group(group_maintenance, one_leg(inverse(margin=margin), -480_000, 60_000.0, 9.0)))
        for margin in (tiered([(0.0, 0.005), (5.0, 0.01)]), flat_margin(0.005))
    ],
    "leverage": lambda: [leverage(group(group_gross, SHORT) / group(group_equity, SHORT))],
    "unrealised profit": lambda: [f"{coins(group(leg_pnl, SHORT, 50_000.0))} BTC"],
    "liquidation": lambda: [f"at {price(liquidation_price(SHORT, AT) or 0.0)}."],
    "liquidation distance": lambda: [percent((liquidation_price(SHORT, AT) or 0.0) / 60_000 - 1)],
    "bankruptcy price": lambda: [
        f"at {price(liquidation_price(SHORT, AT, with_maintenance=0) or 0.0)}."
    ],
    "unified": lambda: [usd(weighed(0.95, 1.0, 3_000.0))],
    "collateral weight": lambda: [usd(weighed(0.95, 2.0, 0.0))],
    "haircut": lambda: [usd(weighed(0.95, 2.0, 0.0))],
    "dead zone": lambda: [leverage(4.0 * (1.0 + Limits().dead_zone))],
    "maker": lambda: [f"{coins(fee(1.0, 0.0002))} BTC"],
    "taker": lambda: [f"{coins(fee(1.0, 0.00055))} BTC"],
    "volatility": lambda: [percent(float(metrics.volatility(sample(0.01, -0.01))))],
    "drawdown": lambda: [percent(-float(metrics.max_drawdown(sample(0.1, -0.5, 0.2))))],
    "cagr": lambda: [percent(float(metrics.cagr(sample(0.1, 0.1, years=2.0))))],
    "sharpe": lambda: [f"{float(metrics.sharpe(sample(0.021, -0.019))):.2f}"],
    "cvar": lambda: [percent(float(metrics.cvar(sample(-0.10, -0.06, *[0.0] * 38))))],
    "effectiveness": lambda: [
        percent(
            float(
                variance_reduction({"hedged": sample(0.01, -0.01), "unhedged": sample(0.04, -0.04)})
            )
        )
    ],
    "bootstrap interval": lambda: [
        f"{made.low:g} to {made.high:g}" for made in [middle(np.arange(101.0))]
    ],
}


@pytest.mark.parametrize("name", FIGURES)
def test_the_figures_of_an_example_are_the_programs_own(name: str) -> None:
    """An example that is a formula is not reckoned by hand."""
    found = called(name, WORDS)
    assert found is not None
    assert [one for one in FIGURES[name]() if one not in found.example] == [], found.example


def test_the_examples_of_edges_are_so() -> None:
    """What is told of bands and of orders that only reduce, as the program decides it."""
    sides = [band_side(held, 0.5, 0.05, 0.05) for held in (0.46, 0.44, 0.45, 0.449)]
    assert sides == [WITHIN, UNDER, WITHIN, UNDER]
    assert [is_reduction(-15_000, size) for size in (5_000, 20_000)] == [1, 0]


@pytest.mark.parametrize("one", WORDS, ids=lambda one: one.name)
def test_a_word_is_whole(one: Word) -> None:
    """A sentence, an example, other words that there are, and a heading that there is."""
    assert one.says.endswith(".")
    assert one.example.endswith(".")
    assert one.name not in one.see
    assert [name for name in one.see if name not in {w.name for w in WORDS}] == []
    file, _, heading = one.page.partition("#")
    text = (ROOT / "docs" / file).read_text(encoding="utf-8")
    titles = [line.lstrip("#").strip().lower() for line in text.splitlines() if line[:1] == "#"]
    anchors = {re.sub(r"[^\w\- ]", "", title).replace(" ", "-") for title in titles}
    assert heading in {"", *anchors}


def test_links_to_the_glossary_lead_to_words() -> None:
    """A page that links a hard word links one that is explained."""
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    found = [
        word
        for page in pages
        for word in re.findall(r"glossary\.md#([\w-]+)", page.read_text("utf-8"))
    ]
    assert len(found) > 10
    assert set(found) <= {one.name.replace(" ", "-") for one in WORDS}


def test_no_two_words_have_one_name() -> None:
    """Every name and alias leads to one word, however it is written."""
    names = [name for one in WORDS for name in (one.name, *one.aliases)]
    assert len(names) == len({re.sub(r"[\s_-]", "", name.lower()) for name in names})
    for one in WORDS:
        for name in (one.name, *one.aliases):
            spaced = name.upper().replace("-", " ")
            assert called(name, WORDS) is called(spaced, WORDS) is one


def test_the_nearest_words_are_named_once_each() -> None:
    """A slip of the finger finds its word, by the name that is most like it."""
    assert near("liqidaton", WORDS)[0] == "liquidation"
    assert near("backwordation", WORDS)[0] == "backwardation"
    assert near("perpetal swap", WORDS)[0] == "perpetual swap"
    found = [called(name, WORDS) for name in near("margn", WORDS)]
    assert len({one.name for one in found if one is not None}) == len(found)


def test_the_words_that_the_field_is_full_of_are_there() -> None:
    """Those that a mandate, a plan and an evaluation are written in."""
    asked = (
        "inverse, perpetual, index, mark, basis, carry, funding, reduce-only, proxy, beta, "
        "no-trade band, trigger, settle, initial margin, maintenance margin, liquidation, "
        "leverage, cross, isolated, unified, haircut, collateral weight, bankruptcy price, "
        "tier, delta, exposure, held ratio, hedge ratio, roll, delivery, quarter, contango, "
        "backwardation, slippage, half spread, maker, taker, lot, tick, face value, "
        "numeraire, coin-margined, linear, quanto, drawdown, volatility, sharpe, "
        "effectiveness, bootstrap interval, alert, ledger, dead zone"
    )
    assert [name for name in asked.split(", ") if called(name, WORDS) is None] == []
