"""A recorded time again, for reading: what came out the same, and what would have been else."""

from typing import Any

from volsculpt.report.document import Column, Grid, Line, Page, Section
from volsculpt.text import minute_of, percent, signed
from volsculpt.trade.control.replay import Again, Replayed, Sizes
from volsculpt.units import iso

MOST_ROWS = 20


def replay_dict(found: Replayed) -> dict[str, Any]:
    """Everything as plain values."""
    return {
        "schema": 1,
        "ledger": found.name,
        "mandate": found.mandate,
        "decisions": len(found.decisions),
        "same": found.same,
        "different": [_different(one) for one in found.decisions if not one.is_same],
    }


def _different(one: Again) -> dict[str, Any]:
    """One decision that came out otherwise."""
    return {
        "seq": one.seq,
        "time": iso(one.time_ns),
        "targets_before": one.targets_before,
        "targets_now": one.targets_now,
        "trades_before": _trades(one.before),
        "trades_now": _trades(one.now),
        "differs": list(one.differs),
    }


def _trades(legs: Sizes) -> list[dict[str, Any]]:
    return [
        {"account": account, "contract": key, "contracts": size}
        for (account, key), size in legs.items()
    ]


def replay_page(found: Replayed) -> Page:
    """The same on a page."""
    count, changed = len(found.decisions), [one for one in found.decisions if not one.is_same]
    how = "as it was" if found.mandate is None else f"as '{found.mandate}' would have decided"
    page = Page("Replay", how)
    first, last = found.decisions[0].time_ns, found.decisions[-1].time_ns
    lines: list[Line | Grid] = [
        Line(f"{count} decisions from {iso(first)} to {iso(last)}"),
        Line(f"{found.same} came out the same", "good" if not changed else "plain"),
    ]
    if changed:
        lines.append(Line(f"{len(changed)} would have been different", "warning"))
    page.sections.append(Section("Decisions", lines))
    if changed:
        page.sections.append(Section("Different", [_grid(changed[:MOST_ROWS])]))
    return page


def _grid(changed: list[Again]) -> Grid:
    """The first decisions that came out otherwise, then and now."""
    columns = (
        Column("time", left=True),
        Column("target then"),
        Column("target now"),
        Column("trades then"),
        Column("trades now"),
    )
    rows = [
        (
            minute_of(one.time_ns),
            _ratios(one.targets_before),
            _ratios(one.targets_now),
            _sizes(one.before),
            "; ".join(one.differs) or _sizes(one.now),
        )
        for one in changed
    ]
    return Grid(columns, rows)


def _ratios(targets: dict[str, float | None]) -> str:
    shares = (f"{coin} {'-' if one is None else percent(one)}" for coin, one in targets.items())
    return " ".join(shares)


def _sizes(legs: Sizes) -> str:
    return " ".join(signed(size) for size in legs.values()) or "none"
