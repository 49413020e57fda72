"""Does the width of `band = "auto"` serve better than one that is fixed?"""

from pathlib import Path
from typing import Any

import numpy as np

import volsculpt as vs
from scripts.ratio_studies.kept import MANDATES, SEED, Figures, grid, ns, number, percent, span
from volsculpt.contracts.costs import HALF_SPREAD
from volsculpt.hedge.auto_band import AVERSION
from volsculpt.report.stats.bootstrap import Statistic, resample
from volsculpt.units import DAY_NS, DAYS_PER_YEAR, HOUR_NS

SPANS = (("2018-11-16", "2022-01-01"), ("2022-01-01", "2024-07-01"))
STEP_NS = 8 * HOUR_NS
RULE = "auto"
EDGES = (0.005, 0.01, 0.02, 0.05, 0.1)
USUAL = (0.02, 0.0)  # of a hedge that says nothing: it trades back to the target
FIXED = (*((edge, edge) for edge in EDGES), USUAL)
Width = str | tuple[float, float]  # RULE, or where trades begin and end
BOOKS = {  # what is hedged: a mandate of the studies, and what is changed in it
    "half, by `equity`": ("treasury.toml", {"ratio = 1.0": "ratio = 0.5"}),
    "`vol-target`, 40 %": ("vol_target.toml", {}),
}


def study(store: Path, out: Path) -> Figures:
    """Every book with every band, in both spans: what trades cost, and what being off costs."""
    rows = [row for book in BOOKS for dates in SPANS for row in band_rows(book, dates, store, out)]
    return {"aversion": AVERSION, "rows": rows}


def mandate_of(book: str, band: Width, out: Path) -> Path:
    """The mandate of a book with another band."""
    file, changes = BOOKS[book]
    lines = (MANDATES / file).read_text(encoding="utf-8")
    for old, new in changes.items():
        lines = lines.replace(old, new)
    told = f'"{band}"' if isinstance(band, str) else "{{ trigger = {}, settle = {} }}".format(*band)
    kept = [f"band = {told}" if one.startswith("band = ") else one for one in lines.split("\n")]
    path = out / f"band-{file}"
    path.write_text("\n".join(kept), encoding="utf-8")
    return path


def band_rows(book: str, dates: tuple[str, str], store: Path, out: Path) -> list[dict[str, Any]]:
    """One book in one span with each band, and how each differs from the rule's."""
    days: dict[Width, np.ndarray] = {}
    rows = []
    for band in (RULE, *FIXED):
        report = vs.backtest(
            mandate_of(book, band, out),
            data=store,
            from_ns=ns(dates[0]),
            to_ns=ns(dates[1]),
            step_ns=STEP_NS,
            costs=vs.Costs(half_spread=HALF_SPREAD),
        )
        record = report.inputs
        days[band] = costs_a_day(record)
        traded, off = (float(one.mean()) * DAYS_PER_YEAR for one in days[band])
        rows.append(
            {
                "book": book,
                "begins": dates[0],
                "ends": dates[1],
                "band": band,
                "width": record.hedges[0].under,
                "trades_a_year": len(record.fills) / report.years,
                "traded": traded,
                "off": off,
                "less": dearer(days[band].sum(axis=0), days[RULE].sum(axis=0)),
            }
        )
    print(f"band {book} from {dates[0]}: done", flush=True)
    return rows


def costs_a_day(record: Any) -> np.ndarray:  # noqa: ANN401 - a record of a backtest
    """(2, days): what trades cost, and what being off the target costs, shares of wealth.

    The latter as the rule has it: half the aversion, times the variance of the coin, times the
    square of the distance. The variance is that of the whole span.
    """
    stamps, wealth = record.stamps_ns, record.hedged_usd
    day = (stamps - stamps[0]) // DAY_NS
    found = np.zeros((2, int(day[-1]) + 1))
    for one in record.fills:
        at = int(np.searchsorted(stamps, one.time_ns))
        found[0, int(day[at])] -= (one.fee_usd + one.slippage_usd) / wealth[at]
    moves = np.diff(np.log(record.price_usd))
    hedge = record.hedges[0]
    missed = np.nan_to_num(hedge.held_ratio - hedge.target_ratio)[:-1] ** 2
    np.add.at(found[1], day[:-1], 0.5 * AVERSION * float(moves.var()) * missed)
    return found[:, :-1]


def dearer(own: np.ndarray, rule: np.ndarray) -> dict[str, float | None]:
    """What a band costs more than the rule's, a share of wealth a year, with its interval."""
    gain = float((own - rule).mean()) * DAYS_PER_YEAR
    if np.array_equal(own, rule):
        return {"value": gain, "low": None, "high": None}
    daily = {"own": own, "rule": rule}
    found = resample(daily, len(own) / DAYS_PER_YEAR, {"more": _more()}, SEED).intervals["more"]
    return {"value": gain, "low": found.low, "high": found.high}


def _more() -> Statistic:
    """Mean a year of a band's days less that of the rule's."""
    return lambda samples: (samples["own"].mean - samples["rule"].mean) * DAYS_PER_YEAR


def basis_points(value: float | None) -> str:
    """A share in hundredths of a percent. Worked: 0.00012 -> 1.2."""
    return "-" if value is None else f"{1e4 * value:.1f}"


def band_words(row: dict[str, Any]) -> str:
    """A band. Worked: "`auto`: 2.7 %", "5.0 %", "2.0 %, back to 0"."""
    width = percent(row["width"])
    if row["band"] == RULE:
        return f"`auto`: {width}"
    return width if row["band"][1] else f"{width}, back to 0"


def tables(figures: Figures) -> dict[str, str]:
    """The table of the page by name."""
    rows = [
        (
            one["book"],
            f"{one['begins']} to {one['ends']}",
            band_words(one),
            number(one["trades_a_year"], 0),
            basis_points(one["traded"]),
            basis_points(one["off"]),
            basis_points(one["traded"] + one["off"]),
            "-" if one["band"] == RULE else span(one["less"], basis_points),
        )
        for one in figures["rows"]
    ]
    head = ("hedge", "span", "band", "trades a year", "trades", "being off", "both", "than `auto`")
    return {"bands": grid(head, rows)}
