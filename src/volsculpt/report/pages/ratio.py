"""Hedge ratios beside each other, for people."""

from volsculpt.hedge.estimators.every import estimator_class
from volsculpt.report.document import Cells, Column, Line, Page, Section, grid_of, warned
from volsculpt.report.rows.ratio import FailedPair, RatioRow, RatioTable
from volsculpt.report.rows.ratio_words import GROWTH_ASSUMES, growth_words, share
from volsculpt.text import NONE, day, decimals, duration, given, percent, trimmed

VERDICTS = {
    "reference": "",
    "less": "less",
    "more": "more",
    "no difference": "same",
    "not known": NONE,
}


def ratio_cells() -> Cells[RatioRow]:
    """The columns of a table of ratios."""
    return (
        (Column("estimator", left=True), lambda one: one.estimator),
        (Column("ratio", "delta to sell, of what is held"), lambda one: figure(one.ratio)),
        (Column("±", "its standard error"), lambda one: figure(one.ratio_std)),
        (Column("in", "variance left, fitted on the same rows", spare=2), _left_in),
        (Column("out", "variance left out of sample"), _left_out),
        (Column("range", "90 % of it", of="out"), _range),
        (
            Column("real", "whether out differs from naive beyond luck", left=True),
            lambda one: VERDICTS[one.verdict],
        ),
        (Column("trades", "ratio traded a year", spare=1), lambda one: amount(one.turnover_annual)),
    )


def figure(number: float | None) -> str:
    """A ratio. Worked: 0.98712 -> "0.987"."""
    return given(number, lambda one: decimals(one, 3), NONE)


def amount(number: float | None) -> str:
    """A turnover. Worked: 12.345 -> "12.3"."""
    return given(number, lambda one: trimmed(one, 1), NONE)


def _left_in(row: RatioRow) -> str:
    return given(row.variance_left_in, share, NONE)


def _left_out(row: RatioRow) -> str:
    return given(row.variance_left_out, share, NONE)


def _range(row: RatioRow) -> str:
    if row.variance_left_out_low is None or row.variance_left_out_high is None:
        return NONE
    low, high = share(row.variance_left_out_low), share(row.variance_left_out_high)
    return f"{low.removesuffix(' %')} to {high}"


def ratio_page(tables: list[RatioTable], failed: list[FailedPair], step_ns: int, root: str) -> Page:
    """A section for each hedge and contract, its answer at the end; then what has none, and how.

    Args: tables: one or more; failed: pairs without one; step_ns: of a return; root: of the store.
    """
    sections = [section_of(one) for one in tables]
    if failed:
        sections.append(
            Section("Without figures", [Line(failed_words(one), "warning") for one in failed])
        )
    growth = dict.fromkeys(growth_words(one) for one in tables)
    sections.append(
        Section(
            "Fastest growth, another question and no advice",
            [*(Line(text, "bullet") for text in growth), Line(GROWTH_ASSUMES, "legend")],
        )
    )
    sections.append(Section("How", [Line(text, "bullet") for text in how(tables)]))
    return Page(
        "Hedge ratios", f"steps of {duration(step_ns)}; prices from {root}; times in UTC", sections
    )


def section_of(table: RatioTable) -> Section:
    """One table, what is to be said of it, and the sentence."""
    dropped = f", {table.dropped} left out without prices" if table.dropped else ""
    span = (
        f"{table.rows} steps from {day(table.from_)} to {day(table.to)}{dropped}; out of sample "
        f"from {day(table.tested_from)} on"
    )
    notes = [one for one in table.estimators if one.note]
    aware = [one for one in table.estimators if one.leverage is not None]
    return Section(
        f"{table.underlying} by {table.contract} ({table.payoff})",
        [
            Line(span),
            grid_of(table.estimators, ratio_cells()),
            *(Line(note_words(one), "detail") for one in notes),
            *(Line(leverage_words(one), "detail") for one in aware),
            *warned(table.warnings),
            Line(table.sentence),
        ],
    )


def failed_words(pair: FailedPair) -> str:
    """Which pair has no table, once, and why."""
    named = f"{pair.underlying} by {pair.contract}: "
    return f"{named}{pair.reason.removeprefix(named)}"


def note_words(row: RatioRow) -> str:
    """Why there are no figures, after the name of the estimator, once."""
    return f"{row.estimator}: {row.note.removeprefix(f'{row.estimator}: ')}"


def leverage_words(row: RatioRow) -> str:
    """Ratio and leverage belong together."""
    chance = percent(row.liquidation_probability or 0.0)
    return (
        f"{row.estimator}: on a margin of 20 % of what is held, topped up every 7 steps; leverage "
        f"{trimmed(row.leverage or 0.0, 2)}x, liquidated in {chance} of such spans by the closes"
    )


def how(tables: list[RatioTable]) -> list[str]:
    """What each estimator is, and how they were compared."""
    names = list(dict.fromkeys(row.estimator for table in tables for row in table.estimators))
    refit, most = tables[0].refit_rows, max(one.comparisons for one in tables)
    tested = (
        f"out of sample: fitted on all steps before, the first half at first, refitted every "
        f"{refit} steps; between two fits a fixed ratio stays, and one that moves goes on"
    )
    meant = (
        "a ratio is delta at the contract's mark: 1 sells as many coins as are held; variance left "
        "is of what the contract really pays, its funding and fees not in it"
    )
    real = (
        f"real: paired block bootstrap of the same steps; the interval of the difference is as "
        f"wide as {most} comparisons ask, 90 % for all together (Bonferroni)"
    )
    return [*(f"{name}: {estimator_class(name).WORDS}" for name in names), tested, meant, real]
