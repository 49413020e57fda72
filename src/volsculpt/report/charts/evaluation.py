"""What the charts of an evaluation draw: each mandate's books, one day after the other."""

from collections.abc import Callable
from dataclasses import replace

from volsculpt.report.charts.books import LOOK_OF_BOOK, STATIC_WORDS
from volsculpt.report.charts.chart import (
    MOST_PANELS,
    AxisUnit,
    Chart,
    Panel,
    Trace,
    and_more,
    with_content,
)
from volsculpt.report.document import clean
from volsculpt.report.pages.backtest_tables import BOOKS
from volsculpt.report.rows.evaluation import BookPath, EvaluationRows
from volsculpt.report.stats.returns import Floats, falls


def evaluation_charts(report: EvaluationRows) -> list[Chart]:
    """Every chart that has something to draw."""
    made = [with_content(one) for one in (growth(report), drawdown(report))]
    return [one for one in made if one is not None]


def growth(report: EvaluationRows) -> Chart:
    """What 1 US dollar in each book became, folds linked."""
    reading = (
        "What 1 USD became in each book, deposits and withdrawals left out; every fold begins with "
        f"the mandate's own book and goes on from where the one before ended. {STATIC_WORDS}"
    )
    panels = [
        replace(one, is_level=True) for one in _panels(report, "x", "times", lambda index: index)
    ]
    return Chart("growth", "What 1 USD became", f"{reading}{_left_out(report)}", panels)


def drawdown(report: EvaluationRows) -> Chart:
    """How far each book stood below its highest close."""
    reading = "How far each book stood below its highest daily close so far."
    panels = _panels(report, "percent", "%", falls)
    return Chart("drawdown", "Drawdown", f"{reading}{_left_out(report)}", panels)


def _left_out(report: EvaluationRows) -> str:
    return and_more(len(report.mandates) - MOST_PANELS, "mandates")


def _panels(
    report: EvaluationRows, unit: AxisUnit, axis: str, figure: Callable[[Floats], Floats]
) -> list[Panel]:
    """A panel a mandate. figure: of what 1 US dollar became."""
    many = len(report.mandates) > 1
    return [
        Panel(
            clean(row.mandate) if many else "",
            unit,
            axis,
            [_line(one, figure(one.index)) for one in report.paths if one.mandate == row.mandate],
        )
        for row in report.mandates[:MOST_PANELS]
    ]


def _line(path: BookPath, figures: Floats) -> Trace:
    color, width = LOOK_OF_BOOK[path.book]
    return Trace(BOOKS[path.book], "line", color, path.end_ns, figures, width=width)
