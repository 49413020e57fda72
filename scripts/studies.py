"""Run the studies of docs/studies.md: python -m scripts.studies DATA OUT [STUDY ...]

DATA is a store of histories as `volsculpt data import` makes it; nothing is downloaded. OUT gets
every mandate as it was run, a page and a JSON file for each, and `summary.md`. Figures are kept in
docs/studies.json, and from there written into the tables of the page.
"""

import shutil
import sys
import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import volsculpt as vs
from scripts.study_tables import EIGHT, Kept, by_hour, figures_of, keep
from volsculpt.contracts.costs import HALF_SPREAD
from volsculpt.report.rows.backtest import growth_metric
from volsculpt.units import HOUR_NS

MANDATES = Path(__file__).resolve().parent.parent / "examples" / "studies"
BYBIT = "bybit:BTC/USD:BTC"

FREE = 'contracts_file = "no-fees.toml"\n'
BAND = "band = { trigger = 0.0, settle = 0.0 }"
FIXED = "ratio = 1.0"


@dataclass(frozen=True)
class Run:
    """One backtest: a mandate with some of its text changed, a span, a step, a way to value."""

    study: str
    name: str
    mandate: str
    begin: str
    end: str
    step_hours: int = 8
    changes: dict[str, str] = field(default_factory=dict)
    without: tuple[str, ...] = ()
    half_spread: float = HALF_SPREAD
    at_contract: str | None = None
    without_funding: str | None = None


def without_tables(text: str, names: tuple[str, ...]) -> str:
    """A mandate without its [[name]] tables."""
    parts = text.split("\n[[")
    return "\n[[".join(part for part in parts if part.split("]]")[0] not in names)


def mandate_text(run: Run) -> str:
    """The mandate of a run; ValueError when a text to be changed is not there once."""
    text = without_tables((MANDATES / run.mandate).read_text(encoding="utf-8"), run.without)
    for old, new in run.changes.items():
        if text.count(old) != 1:
            raise ValueError(f"{run.mandate}: {old!r} stands there {text.count(old)} times")
        text = text.replace(old, new)
    return text


def treasury() -> list[Run]:
    """Study 1: ratios and bases, with a collateral plan and without."""
    runs = []
    for plan in ("plan", "no-plan"):
        without = () if plan == "plan" else ("collateral",)
        for ratio in (0.0, 0.5, 1.0):
            for base in ("equity", "coins"):
                changes = {"ratio = 1.0": f"ratio = {ratio}"}
                if base == "coins":
                    changes['base = "equity"'] = 'base = "coins"\ncoins = 10.0'
                name = f"{plan}-{ratio:g}-{base}"
                span = ("2018-11-15T08:00:00Z", "2024-07-01")
                runs.append(Run("treasury", name, "treasury.toml", *span, 8, changes, without))
    return [run for run in runs if run.name not in ("no-plan-0-equity", "no-plan-0-coins")]


def posted() -> list[Run]:
    """Study 1, all coins posted: without costs, then the table of value, rhythm, funding, band."""
    span = ("2018-11-15T08:00:00Z", "2024-07-01")
    runs = []
    for value in (BYBIT, None):
        where = "contract" if value else "spot"
        runs.append(
            Run("posted", f"free-{where}", "posted.toml", *span, 8, {}, ("sweep",), 0.0, value)
        )
        for rhythm in ("8h", "daily", "weekly"):
            for funding in ("kept", "swept"):
                for band in (0.0, 0.05):
                    changes = {FREE: "", BAND: BAND.replace("trigger = 0.0", f"trigger = {band}")}
                    if rhythm != "8h":
                        changes[FIXED] = f'policy = "callable"\ncallable = "rhythm.py:{rhythm}"'
                    without = ("sweep",) if funding == "kept" else ()
                    name = f"{where}-{rhythm}-{funding}-band-{band:g}"
                    runs.append(
                        Run(
                            "posted",
                            name,
                            "posted.toml",
                            *span,
                            8,
                            changes,
                            without,
                            HALF_SPREAD,
                            value,
                        )
                    )
    return runs


def rises() -> list[Run]:
    """Study 2: a crash and two rises, hour by hour, with a collateral plan and without."""
    spans = {
        "before-the-crash": ("2020-02-15", "2020-05-01"),
        "after-the-crash": ("2020-03-13T02:00:00Z", "2020-05-01"),
        "winter": ("2020-12-01", "2021-06-01"),
    }
    kinds = ("rise-coinm", "rise-usdm", "rise-unified")
    margins = {"before-the-crash": 20_700, "after-the-crash": 10_000, "winter": 39_400}
    runs = []
    for span, (begin, end) in spans.items():
        for kind in kinds if span == "winter" else kinds[1:]:
            for without in ((), ("collateral",)):
                name = f"{span}-{kind.removeprefix('rise-')}-{'no-plan' if without else 'plan'}"
                changes = {}
                if kind == "rise-usdm":
                    changes["USDT = 39_000.0"] = f"USDT = {margins[span]:_}.0"
                runs.append(Run("rises", name, f"{kind}.toml", begin, end, 1, changes, without))
    free = {'name = "rise-coinm"\n': 'name = "rise-coinm"\n' + FREE}
    begin = "2020-12-01T01:00:00Z"
    bare = Run(
        "rises",
        "winter-coinm-no-plan-no-costs-no-funding",
        "rise-coinm.toml",
        begin,
        "2021-06-01",
        1,
        free,
        ("collateral",),
        0.0,
        None,
        "binance:BTC/USD:BTC",
    )
    return [*runs, bare]


def mixed() -> list[Run]:
    """Study 3: three coins, a stand-in, a loan and an income."""
    span = ("2021-01-01", "2024-07-01")
    return [
        Run("mixed", "as-written", "mixed.toml", *span),
        Run("mixed", "no-income", "mixed.toml", *span, without=("flow",)),
        Run(
            "mixed",
            "no-proxy",
            "mixed.toml",
            *span,
            changes={'ratio = 0.5\nproxy = "BTC"\nbeta = 1.2': 'ratio = 0.0\nproxy = "BTC"'},
        ),
    ]


STUDIES = {"treasury": treasury, "posted": posted, "rises": rises, "mixed": mixed}


def ns(moment: str) -> int:
    """Nanoseconds UTC of a day or a time."""
    found = datetime.fromisoformat(moment)
    return int(found.replace(tzinfo=found.tzinfo or UTC).timestamp()) * 1_000_000_000


def report_of(run: Run, store: Path, mandate: Path) -> vs.BacktestReport:
    """The backtest of one run."""
    begin, end = ns(run.begin), ns(run.end)
    given = {"data": store}
    if run.at_contract is not None:
        history = vs.open_history(store, (run.at_contract,), ("BTC",), None, end)
        given = {"history": history.at_contract(run.at_contract)}
    if run.without_funding is not None:
        history = vs.open_history(store, (run.without_funding,), ("BTC",), None, end)
        given = {"history": replace(history, funding={}), "allow_missing_funding": True}
    return vs.backtest(
        mandate,
        **given,
        from_ns=begin,
        to_ns=end,
        step_ns=run.step_hours * HOUR_NS,
        costs=vs.Costs(half_spread=run.half_spread),
    )


def percent(value: float | None) -> str:
    """A share as text. Worked: 0.123 -> 12.3 %."""
    return "-" if value is None else f"{100.0 * value:.4g} %"


def ranged(report: vs.BacktestReport, metric: str) -> str:
    """A figure of the hedged book in US dollars, with its range."""
    found = (row for row in report.summary if (row.book, row.currency) == ("hedged", "USD"))
    row = next(row for row in found if row.metric == metric)
    span = "" if row.low is None else f" ({percent(row.low)} to {percent(row.high)})"
    return f"{percent(row.value)}{span}"


def line_of(run: Run, report: vs.BacktestReport) -> str:
    """One line of the summary."""
    bare = {r.metric: r for r in report.summary if (r.book, r.currency) == ("unhedged", "USD")}
    growth = growth_metric(report)
    parts = {row.part: row.usd for row in report.attribution}
    book = next(row for row in report.books if row.book == "hedged")
    closed = [f"{one.time[:16]} at {one.price:,.0f}" for one in report.events.liquidations]
    sent = report.events.transfers
    cells = [
        run.name,
        f"{book.start_usd:,.0f} to {book.end_usd:,.0f}",
        ranged(report, growth),
        ranged(report, "volatility"),
        percent(book.fall_ratio),
        f"{percent(bare[growth].value)}, {percent(bare['volatility'].value)}",
        *(f"{parts[name]:,.0f}" for name in ("funding", "basis", "fees", "slippage")),
        f"{parts['transfers']:,.0f} ({len(sent)})",
        "; ".join(closed) or "none",
    ]
    return "| " + " | ".join(cells) + " |"


HEAD = (
    "run",
    "wealth, USD",
    "growth (a year, of a year or more)",
    "volatility a year",
    "deepest fall",
    "unhedged: growth, volatility",
    "funding",
    "basis",
    "fees",
    "slippage",
    "transfers' cost (count)",
    "liquidated",
)


def hours_told(report: vs.BacktestReport) -> str:
    """Growth and volatility by the hour days end at."""
    told = ((hour, by_hour(report, hour)) for hour in (0, 8, 16))
    return "; ".join(f"{hour:02d}:00 {percent(a)}, {percent(b)}" for hour, (a, b) in told)


def run_study(study: str, store: Path, out: Path) -> tuple[list[str], Kept]:
    """Run a study; the lines of the summary, and the figures of each run."""
    folder = out / study
    folder.mkdir(parents=True, exist_ok=True)
    for beside in ("no-fees.toml", "rhythm.py"):
        shutil.copy(MANDATES / beside, folder)
    head = [f"## {study}", "", "| " + " | ".join(HEAD) + " |", "|" + "---|" * len(HEAD)]
    lines, notes, kept = [], [], Kept()
    for run in STUDIES[study]():
        mandate = folder / f"{run.name}.toml"
        mandate.write_text(mandate_text(run), encoding="utf-8")
        started = time.perf_counter()
        report = report_of(run, store, mandate)
        report.to_html(folder / f"{run.name}.html")
        (folder / f"{run.name}.json").write_text(report.to_json(series=False), encoding="utf-8")
        lines.append(line_of(run, report))
        figures = kept[f"{study}/{run.name}"] = figures_of(report)
        if run.step_hours == 8 and study == "posted":
            notes.append(f"- {run.name}, days that end at {hours_told(report)}")
            figures["at_eight"] = by_hour(report, EIGHT)
        print(f"{study} {run.name}: {time.perf_counter() - started:.1f} s", flush=True)
    return [*head, *lines, "", *notes, ""], kept


def main(arguments: list[str]) -> int:
    """Run the studies asked for, all by default."""
    wanted = arguments[2:] or list(STUDIES)
    if len(arguments) < 2 or not set(wanted) <= set(STUDIES):
        print(f"python -m scripts.studies DATA OUT [{' | '.join(STUDIES)}]", file=sys.stderr)
        return 2
    store, out = Path(arguments[0]), Path(arguments[1])
    done = [run_study(study, store, out) for study in wanted]
    lines = [line for told, _ in done for line in told]
    (out / "summary.md").write_text("\n".join(lines), encoding="utf-8")
    keep({name: figures for _, kept in done for name, figures in kept.items()})
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
