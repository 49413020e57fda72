"""The pictures of docs/ratio.md, drawn from the figures that are kept."""

from collections.abc import Mapping, Sequence
from typing import Any

from scripts.ratio_studies.kept import PICTURES, Figures

INK, BLUE, RED, GREY = "#222222", "#0072b2", "#d55e00", "#999999"
CONDITIONS = {
    "bull run": "#009e73",
    "range": "#bbbbbb",
    "bearish": "#d55e00",
    "recovery": "#0072b2",
    "no regime": "#f0f0f0",
}
WIDTH, DOTS = 7.5, 90
Row = tuple[str, Mapping[str, Any], str]  # name, value with low and high, colour


def draw(kept: Mapping[str, Figures]) -> None:
    """Every picture whose study is kept."""
    PICTURES.mkdir(exist_ok=True)
    if "regime" in kept:
        draw_gains(kept["regime"]["windows"])
        draw_history(kept["regime"]["history"])
    if "volatility" in kept:
        draw_kept(kept["volatility"]["kept"])
    if "effectiveness" in kept:
        draw_away(kept["effectiveness"]["rows"])


def saved(figure: Any, name: str) -> None:  # noqa: ANN401 - matplotlib's
    """Write a figure without what changes from day to day."""
    figure.tight_layout()
    figure.savefig(PICTURES / f"{name}.png", dpi=DOTS, metadata={"Software": None})


def panels(count: int, height: float, **given: Any) -> tuple[Any, Sequence[Any]]:  # noqa: ANN401
    """A figure and its panels, side by side or as asked."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH, height))
    FigureCanvasAgg(figure)
    return figure, figure.subplots(squeeze=False, **(given or {"ncols": count})).ravel()


def ranges(axes: Any, rows: Sequence[Row], scale: float, line: float) -> None:  # noqa: ANN401
    """A row each: a dot, and the interval as a line through it."""
    for place, (_, row, colour) in enumerate(rows):
        low, high = scale * row["low"], scale * row["high"]
        axes.plot([low, high], [place, place], color=colour, linewidth=2.5, solid_capstyle="butt")
        axes.plot([scale * row["value"]], [place], "o", color=colour, markersize=6)
    axes.axvline(line, color=INK, linewidth=0.8)
    axes.set_yticks(range(len(rows)), [row[0] for row in rows], fontsize=8)
    axes.invert_yaxis()
    axes.tick_params(axis="x", labelsize=8)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)


def draw_gains(windows: Sequence[Mapping[str, Any]]) -> None:
    """Policy less static twin, by window: grey was seen before thresholds were chosen."""
    figure, (left, right) = panels(2, 2.6)
    names = [f"{one['coin']} {one['begins'][:7]} to {one['ends'][:7]}" for one in windows]
    for axes, metric, scale in ((left, "sharpe", 1.0), (right, "cvar", 100.0)):
        colours = [GREY if one["in_sample"] else BLUE for one in windows]
        rows = [
            (name, one["gains"][metric], colour)
            for name, one, colour in zip(names, windows, colours, strict=True)
        ]
        ranges(axes, rows, scale, 0.0)
    right.set_yticks([])
    left.set_title("Sharpe: regime less static hedge", fontsize=9)
    right.set_title("worst 5 % of days: milder by, points", fontsize=9)
    saved(figure, "ratio-regime-gains")


def draw_history(history: Mapping[str, Any]) -> None:
    """The price of BTC coloured by condition, and the ratio that was told."""
    import numpy as np

    figure, (upper, lower) = panels(2, 3.6, nrows=2, sharex=True, height_ratios=(2, 1))
    days = np.array(history["days"], dtype="datetime64[D]")
    price, ratio = np.array(history["price_usd"]), np.array(history["ratio"], dtype=float)
    named = np.array([one or "no regime" for one in history["named"]])
    for begin, end, name in zip(days[:-1], days[1:], named[:-1], strict=True):
        upper.axvspan(begin, end, color=CONDITIONS[name], alpha=0.35, linewidth=0)
    for name, colour in CONDITIONS.items():
        if (named == name).any():
            upper.fill_between([], [], color=colour, alpha=0.35, label=name)
    upper.plot(days, price, color=INK, linewidth=1.2)
    upper.set_yscale("log")
    upper.set_ylim(price.min() * 0.9, price.max() * 1.2)
    upper.set_yticks(
        [5_000, 10_000, 20_000, 50_000], ["5,000", "10,000", "20,000", "50,000"], fontsize=8
    )
    upper.minorticks_off()
    upper.legend(fontsize=7, loc="lower right", ncols=5)
    upper.set_title("BTC in US dollars, by the condition that was named", fontsize=9)
    lower.step(days, 100.0 * ratio, where="post", color=BLUE, linewidth=1.2)
    lower.set_ylim(0, 100)
    lower.set_title("ratio, %", fontsize=9)
    lower.tick_params(labelsize=8)
    saved(figure, "ratio-regime-history")


def draw_kept(rows: Sequence[Mapping[str, Any]]) -> None:
    """Volatility reached over asked."""
    figure, (axes,) = panels(1, 3.2)
    found = [
        (
            f"{one['asked']:.0%} by {one['forecast']}, from {one['begins'][:4]}",
            one["reached"],
            {"HAR": BLUE, "GARCH": INK}.get(one["forecast"], RED),
        )
        for one in rows
    ]
    ranges(axes, found, 1.0, 1.0)
    axes.set_title("volatility reached / asked", fontsize=9)
    saved(figure, "ratio-vol-target")


def draw_away(rows: Sequence[Mapping[str, Any]]) -> None:
    """Variance taken away by least squares, daily, out of sample: coins by what hedges them."""
    ways = {"own": INK, "BTC and ETH": BLUE, "BTC": RED, "ETH": GREY}
    these = [one for one in rows if one.get("estimator") == "ols" and one["rhythm"] == "daily"]
    coins = list(dict.fromkeys(one["coin"] for one in these if one["coin"] != "BTC"))
    figure, (axes,) = panels(1, 4.2)
    found = [
        (f"{coin} by {by}" if by != "own" else f"{coin} by its own", one, ways[by])
        for coin in coins
        for by in ways
        for one in these
        if (one["coin"], one["by"]) == (coin, by) and one["low"] is not None
    ]
    ranges(axes, found, 100.0, 0.0)
    axes.set_yticks(range(len(found)), [one[0] for one in found], fontsize=6)
    axes.set_xlim(-10, 102)
    axes.set_title("variance taken away out of sample, %", fontsize=9)
    saved(figure, "ratio-altcoins")
