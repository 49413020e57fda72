"""Figures of docs/studies.md as they are kept in docs/studies.json, and the tables made of them.

A table stands in the page between `<!-- study NAME -->` and `<!-- end -->`.
`python -m scripts.studies` writes them anew, and a test holds the page to what is kept.
"""

import json
from collections.abc import Sequence
from typing import Any

import volsculpt as vs
from scripts.ratio_studies.kept import ROOT, grid, with_tables
from volsculpt.report.rows.backtest import growth_metric
from volsculpt.units import HOUR_NS

KEPT = ROOT / "docs" / "studies.json"
PAGE = ROOT / "docs" / "studies.md"
EIGHT = 8  # the hour of day, UTC, at which days end that are told beside those of midnight
RISES = {"coinm": "COIN-M", "usdm": "USD-M", "unified": "USD-M, unified"}
BARE = "winter-coinm-no-plan-no-costs-no-funding"
Kept = dict[str, Any]


# --- keeping --------------------------------------------------------------------------


def figures_of(report: vs.BacktestReport) -> Kept:
    """What the page tells of a run; growth is a year's where the run lasts one."""
    rows = {(one.book, one.metric): one for one in report.summary if one.currency == "USD"}
    growth = growth_metric(report)
    parts = {one.part: one.usd for one in report.attribution}
    book = next(one for one in report.books if one.book == "hedged")
    return {
        "wealth": [book.start_usd, book.end_usd],
        "growth": ranged(rows["hedged", growth]),
        "volatility": ranged(rows["hedged", "volatility"]),
        "fall": book.fall_ratio,
        "unhedged": [rows["unhedged", name].value for name in (growth, "volatility")],
        "funding": parts["funding"],
        "trading": parts["fees"] + parts["slippage"],
        "moving": parts["transfers"],
        "transfers": len(report.events.transfers),
        "liquidated": [[one.time[:16], one.price] for one in report.events.liquidations],
    }


def ranged(row: Any) -> list[float | None]:  # noqa: ANN401 - a row of a report
    """A figure, and the ends of its range."""
    return [row.value, row.low, row.high]


def by_hour(report: vs.BacktestReport, hour: int) -> tuple[float, float]:
    """Growth and volatility a year of the hedged book, from its first fill, of days that end then.

    hour: UTC.
    """
    hedged = report.inputs.stamps_ns >= report.events.orders[0].time_ns
    stamps, wealth = report.inputs.stamps_ns[hedged], report.inputs.hedged_usd[hedged]
    path = wealth[stamps // HOUR_NS % 24 == hour]
    moves = path[1:] / path[:-1] - 1.0
    growth = (path[-1] / path[0]) ** (365.0 / len(moves)) - 1.0
    return float(growth), float(moves.std(ddof=1) * 365.0**0.5)


def read() -> Kept:
    """Every run that is kept, by study and name."""
    return json.loads(KEPT.read_text(encoding="utf-8")) if KEPT.is_file() else {}


def keep(runs: Kept) -> None:
    """Write some runs beside the others, a line each, and the tables of the page."""
    held = {**read(), **runs}
    lines = [f"{json.dumps(name)}: {json.dumps(shortened(held[name]))}" for name in sorted(held)]
    KEPT.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
    page = with_tables(PAGE.read_text(encoding="utf-8"), page_tables(read()))
    PAGE.write_text(page, encoding="utf-8")


def shortened(value: Any) -> Any:  # noqa: ANN401 - what json takes
    """Floats to nine digits that count, which a dollar of millions needs."""
    if isinstance(value, float):
        return float(f"{value:.9g}")
    if isinstance(value, dict):
        return {name: shortened(one) for name, one in value.items()}
    return [shortened(one) for one in value] if isinstance(value, list | tuple) else value


# --- cells ----------------------------------------------------------------------------


def usd(value: float) -> str:
    """Worked: -0.3 -> "0", 1234.5 -> "1,234"."""
    return f"{round(value):,}"


def percents(told: Sequence[float | None], digits: int = 1) -> str:
    """Worked: [0.1234, 0.1, 0.2] -> "12.3 (10.0 to 20.0)"."""
    value, low, high = told
    if value is None:
        return "-"
    alone = f"{100.0 * value:.{digits}f}"
    return (
        alone if low is None or high is None else f"{alone} ({100 * low:.1f} to {100 * high:.1f})"
    )


def moved(run: Kept) -> str:
    """How many transfers there were, and their cost. Worked: "5, -9 USD"."""
    return f"{run['transfers']}, {usd(run['moving'])} USD" if run["transfers"] else "none"


def liquidated(run: Kept) -> str:
    """When and at which price. Worked: "2020-03-13, 03:00 at 5,289"."""
    told = [f"{time.replace('T', ', ')} at {usd(price)}" for time, price in run["liquidated"]]
    return "; ".join(told) or "no"


def risk(run: Kept, digits: int = 1) -> tuple[str, str, str]:
    """Growth, volatility and the deepest fall, in percent."""
    fall = f"{100.0 * run['fall']:.1f}"
    return percents(run["growth"], digits), percents(run["volatility"], digits), fall


# --- tables ---------------------------------------------------------------------------


def page_tables(runs: Kept) -> dict[str, str]:
    """Every table of the page by its name."""
    rises = {f"rises-{span}": rises_table(runs, span) for span in ("before", "after", "winter")}
    return {
        "treasury": treasury_table(runs),
        "posted-free": free_table(runs),
        "posted": posted_table(runs),
        **rises,
        "mixed": mixed_table(runs),
    }


def treasury_table(runs: Kept) -> str:
    """Study 1: ratios and bases, with a collateral plan and without."""
    rows = []
    for plan, named in (("yes", "plan"), ("none", "no-plan")):
        for ratio in ("0", "0.5", "1"):
            for base in ("equity", "coins"):
                run = runs.get(f"treasury/{named}-{ratio}-{base}")
                if run is None or (ratio, base) == ("0", "coins"):
                    continue
                cells = (usd(run["wealth"][1]), *risk(run), usd(run["funding"]))
                either = "either" if ratio == "0" else base
                rest = (usd(run["trading"]), moved(run), liquidated(run))
                rows.append((plan, ratio, either, *cells, *rest))
    head = ("collateral plan", "ratio", "base", "wealth at the end, USD", "growth, % a year")
    other = ("volatility, % a year", "deepest fall, %", "funding, USD", "fees and slippage, USD")
    return grid((*head, *other, "transfers", "liquidated"), rows)


def free_table(runs: Kept) -> str:
    """All coins posted, without costs: by where they are valued, and where days end."""
    rows = []
    for at in ("contract", "spot"):
        run = runs[f"posted/free-{at}"]
        eight = ", ".join(f"{100.0 * one:.2f}" for one in run["at_eight"])
        rows.append((at, *risk(run, 2)[:2], eight))
    head = ("valued at", "growth, % a year", "volatility, % a year", "days that end at 08:00 UTC")
    return grid(head, rows)


def posted_table(runs: Kept) -> str:
    """All coins posted, with costs."""
    often = {"8h": "every 8 h", "daily": "daily", "weekly": "weekly"}
    rows = [
        (
            at,
            often[step],
            funding,
            band,
            *risk(runs[f"posted/{at}-{step}-{funding}-band-{band}"], 2),
        )
        for at in ("contract", "spot")
        for step in often
        for funding in ("kept", "swept")
        for band in ("0", "0.05")
    ]
    head = ("valued at", "rebalanced", "funding", "band", "growth, % a year")
    return grid((*head, "volatility, % a year", "deepest fall, %"), rows)


def rises_table(runs: Kept, span: str) -> str:
    """Study 2, with a plan and without. span: before or after the crash, or winter."""
    named = {"before": "before-the-crash", "after": "after-the-crash"}.get(span, span)
    told = [
        (RISES[kind], words, f"rises/{named}-{kind}-{plan}")
        for kind in RISES
        for plan, words in (("plan", "yes"), ("no-plan", "none"))
    ]
    if span == "winter":
        told.append(("COIN-M, no costs, no funding", "none", f"rises/{BARE}"))
    rows = []
    for book, plan, name in told:
        run = runs.get(name)
        if run is not None:
            wealth = " to ".join(usd(one) for one in run["wealth"])
            cells = (*risk(run), usd(run["funding"]), moved(run), liquidated(run))
            rows.append((book, plan, wealth, *cells))
    head = ("book", "plan", "wealth, USD", "growth over the span, %", "volatility, % a year")
    return grid((*head, "deepest fall, %", "funding, USD", "transfers", "liquidated"), rows)


def mixed_table(runs: Kept) -> str:
    """Study 3: three coins."""
    rows = []
    for name in ("as-written", "no-income", "no-proxy"):
        run = runs[f"mixed/{name}"]
        wealth = " to ".join(usd(one) for one in run["wealth"])
        bare = ", ".join(f"{100.0 * one:.2f} %" for one in run["unhedged"])
        cells = (bare, usd(run["funding"]), usd(run["trading"]), moved(run), liquidated(run))
        rows.append((name.replace("-", " "), wealth, *risk(run), *cells))
    head = ("run", "wealth, USD", "growth, % a year", "volatility, % a year", "deepest fall, %")
    other = ("unhedged: growth, volatility", "funding, USD", "fees and slippage, USD")
    return grid((*head, *other, "transfers", "liquidated"), rows)
