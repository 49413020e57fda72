"""Why a desk decided so, in fifteen lines: what is wrong, what was asked, what came of it."""

from collections.abc import Sequence
from typing import Any

from volsculpt.ledger.ledger import Ledger
from volsculpt.report.document import Line, Page, Section
from volsculpt.report.pages.desk import decisions_of, open_troubles, why_lead
from volsculpt.report.pages.desk_verdict import HEAD, alert_lines, one_ratio
from volsculpt.report.pages.shortened import MOST_LINES, height, shortened
from volsculpt.text import moment

Json = dict[str, Any]
MOST_WRONG = 3  # lines of what is wrong; status tells it whole
ABOVE = 2  # lines of a decision before its coins: a blank one and its time
STATUS = "how it stands: volsculpt status"


def why_verdict(ledger: Ledger, count: int) -> Page:
    """The page of one screen; `pages.desk.why_page` is the whole one. Raises LedgerError: none."""
    decisions = decisions_of(ledger, count)
    top = alert_lines(open_troubles(ledger), MOST_WRONG)
    room = MOST_LINES - HEAD - sum(height(line.text) for line in top) - 1  # and where to read on
    shown = _fitting(decisions, room)
    coins = max(1, min(_most_coins(shown), (room // len(shown) - ABOVE) // 2))
    share = max(1, (room // len(shown) - ABOVE - coins) // coins)
    sections = [Section(moment(one["time"]), _lines(one, coins, share)) for one in shown]
    is_cut = shown != decisions or any(_is_cut(one, coins, share) for one in shown)
    hidden = len(decisions) - len(shown), max(0, _most_coins(shown) - coins)
    more = _more(hidden) if is_cut else STATUS
    return Page(
        "Why",
        why_lead(decisions, ledger.books),
        [Section("", top), *sections[:-1], _last(sections, more)],
    )


def _last(sections: Sequence[Section], more: str) -> Section:
    """The last section, with where to read on."""
    return Section(sections[-1].title, [*sections[-1].items, Line(more, "legend")])


def _more(hidden: tuple[int, int]) -> str:
    """How to see what is not shown. hidden: decisions, and coins of one.

    Worked: 8, 0 is "all reasons, 8 decisions more: --full".
    """
    counts = zip(hidden, ("decision", "coin"), strict=True)
    named = [f"{n} {what if n == 1 else f'{what}s'} more" for n, what in counts if n]
    return f"{', '.join(['all reasons', *named])}: --full"


def _most_coins(decisions: Sequence[Json]) -> int:
    return max(len(one["hedges"]) for one in decisions)


def _fitting(decisions: list[Json], room: int) -> list[Json]:
    """The newest that have two lines for each coin; the newest alone in any case."""
    most = room // (ABOVE + 2 * max(1, _most_coins(decisions)))
    return decisions[-max(1, most) :]


def _lines(decision: Json, coins: int, share: int) -> list[Line]:
    """So many coins, each with what is held of what is wanted and so many lines of reasons."""
    found = []
    for one in decision["hedges"][:coins]:
        found.append(Line(one_ratio(one), "head"))
        found += [Line(text, "bullet") for text in _reasons(one, share)]
    return found


def _reasons(hedge: Json, share: int) -> list[str]:
    """Those that fit into so many lines: what came of it, then from what was asked for on."""
    *before, last = hedge["reasons"] or [""]
    kept, left = list[str](), share - height(last)
    for text in before:
        if height(text) <= left:
            kept.append(text)
            left -= height(text)
    return [*kept, shortened(last, share)] if last else []


def _is_cut(decision: Json, coins: int, share: int) -> bool:
    """Whether something of a decision is not shown."""
    rows = decision["hedges"]
    return len(rows) > coins or any(_reasons(one, share) != one["reasons"] for one in rows)
