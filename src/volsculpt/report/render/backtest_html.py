"""A backtest for browsers: one file that loads nothing, and a fragment for notebooks."""

import json
from html import escape

from volsculpt.report.charts.books import charts
from volsculpt.report.charts.chart import Chart, Trace
from volsculpt.report.charts.plotly_charts import specification
from volsculpt.report.document import tied
from volsculpt.report.pages.backtest import content
from volsculpt.report.render.html import ASSETS, head_html, plotly_script, section_html
from volsculpt.report.rows.backtest import BacktestRows

# The title of a section begins so -> the charts that follow it.
PLACES = {
    "What happened": ("wealth_usd", "wealth_coin", "drawdown"),
    "Where the change": ("attribution", "costs"),
    "How well": ("ratio", "exposure", "margin", "leverage", "distance"),
    "Events": ("trades",),
}


def page(report: BacktestRows) -> str:
    """The whole page of a backtest, self-contained."""
    shown, drawn = content(report), charts(report)
    parts = []
    for section in shown.sections:
        parts.append(section_html(section))
        parts += [chart_html(chart) for chart in drawn if chart.key in _charts_after(section.title)]
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(shown.title)}: backtest</title>\n<style>{_styles()}</style>\n"
        f'</head>\n<body class="volsculpt backtest">\n{head_html(shown)}\n'
        + "\n".join(parts)
        + "\n"
        f"<script>{plotly_script()}</script>\n"
        f'<script id="volsculpt-charts" type="application/json">{_data(drawn)}</script>\n'
        f"<script>{_asset('backtest.js')}</script>\n</body>\n</html>\n"
    )


def fragment(report: BacktestRows) -> str:
    """The tables of a backtest with their style, to stand inside another page."""
    shown = content(report)
    parts = "\n".join(section_html(section) for section in shown.sections)
    return (
        f"<style>{_styles()}</style>\n"
        f'<div class="volsculpt backtest">\n{head_html(shown)}\n{parts}\n</div>\n'
    )


def _charts_after(title: str) -> tuple[str, ...]:
    found = [keys for start, keys in PLACES.items() if title.startswith(start)]
    return found[0] if found else ()


def chart_html(chart: Chart) -> str:
    """The place of a chart: how to read it, and words for those who cannot see it."""
    names = dict.fromkeys(_told(trace) for trace in chart.traces)
    told = f"{chart.title}: {', '.join(names)}. {chart.reading}"
    kind = " bars" if chart.key == "attribution" else " many" if len(chart.panels) > 1 else ""
    return (
        f'<section class="chart{kind}"><h2>{escape(chart.title)}</h2>\n'
        f'<p class="legend">{escape(tied(chart.reading))}</p>\n'
        f'<div id="chart-{chart.key}" style="--panels: {len(chart.panels)}" role="img" '
        f'aria-label="{escape(told)}"></div>\n</section>'
    )


def _told(trace: Trace) -> str:
    return ", ".join(trace.labels) if trace.labels else trace.name


def _styles() -> str:
    return _asset("page.css") + _asset("backtest.css")


def _asset(name: str) -> str:
    return (ASSETS / name).read_text(encoding="utf-8")


def _data(drawn: list[Chart]) -> str:
    """The charts' data as JSON that cannot end its script element."""
    text = json.dumps([specification(one) for one in drawn], allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace("&", "\\u0026")
