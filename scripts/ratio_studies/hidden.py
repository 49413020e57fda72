"""Does a hidden-Markov model of daily returns say when to hedge better than the evidence does?"""

from pathlib import Path

from scripts.ratio_studies.kept import (
    MANDATES,
    Figures,
    grid,
    ns,
    number,
    percent,
    points,
    signed,
    span,
)
from scripts.ratio_studies.regime import COINS, WINDOWS, window_row


def study(store: Path, out: Path) -> Figures:
    """The mandates of `regime` with the other model, against static twins, in the same windows."""
    rows = []
    for coin, (file, first) in COINS.items():
        mandate = mandate_of(file, out)
        for window, (begin, end) in enumerate(WINDOWS):
            span_ns = (ns(max(begin, first)), ns(end))
            rows.append(window_row(coin, str(mandate), span_ns, store, window))
            print(f"hidden {coin} from {begin}: done", flush=True)
    return {"windows": rows}


def mandate_of(file: str, out: Path) -> Path:
    """A mandate of `regime` with the hidden-Markov model."""
    text = (MANDATES / file).read_text(encoding="utf-8")
    path = out / f"hidden-{file}"
    told = 'policy = "regime"\n'
    path.write_text(text.replace(told, f'{told}model = "hmm"\n'), encoding="utf-8")
    return path


def tables(figures: Figures) -> dict[str, str]:
    """The table of the page by name."""
    rows = [
        (
            f"{one['coin']}, {one['begins']} to {one['ends']}{', in sample' * one['in_sample']}",
            one["static"] + " %",
            number(one["turnover"], 1),
            percent(-one["cost"]),
            span(one["gains"]["sharpe"], signed),
            span(one["gains"]["cvar"], points),
        )
        for one in figures["windows"]
    ]
    head = ("window", "mean ratio held", "traded a year, times wealth", "costs a year")
    return {"hidden": grid((*head, "gain of Sharpe", "bad days milder by, points"), rows)}
