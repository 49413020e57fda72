"""Small files as people have them, and what a series is in one line."""

from pathlib import Path

from tests.market.made import START_NS
from volsculpt.market.importer import ImportOptions
from volsculpt.market.series import Bars, FundingRates, Series
from volsculpt.market.times import interval_text
from volsculpt.units import DAY_NS, HOUR_NS, iso

MS, HOUR, DAY = START_NS // 10**6, HOUR_NS // 10**6, DAY_NS // 10**6  # 2024-01-01
UTC = ImportOptions(zone="UTC")
ISO = "2024-01-0{k}"
DAYS = "2024-01-0{k},{o},{h},{l},{c}"
OHLC = ((10, 12, 9, 11), (11, 13, 10, 12), (12, 14, 11, 13))


def rows(head: str, line: str, step: int = HOUR, per: int = 1) -> str:
    """A text of three bars; {t} the time in units of `per` ms, {o} {h} {l} {c} the prices."""
    lines = [head] if head else []
    for k, (o, h, low, c) in enumerate(OHLC):
        lines.append(line.format(t=(MS + k * step) // per, o=o, h=h, l=low, c=c, k=k + 1))
    return "\n".join(lines) + "\n"


def told(series: Series) -> str:
    """What a series is, in one line: label, kind, length of bars, first stamp, last figure."""
    label, first = series.label, iso(int(series.stamps[0]))
    if isinstance(series, Bars):
        length, last = interval_text(series.interval_ns), series.close[-1]
    elif isinstance(series, FundingRates):
        length, last = f"{series.interval_hours[-1]:g}h", series.rate[-1]
    else:
        length, last = "-", series.price[-1]
    text = f"{label.venue} {label.symbol} {label.role} {label.quote} {length}"
    return f"{text} {first.removesuffix(':00Z')} {last:g}"


def written(folder: Path, name: str, text: str) -> Path:
    """A file of that name and text."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path
