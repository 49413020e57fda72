"""Whether a margin group stands within the owner's limits, and whether less would."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

from tests.laws import formulas
from tests.laws.drawn import Drawn
from tests.laws.formulas import Group
from volsculpt.decide.limits import Limits

EDGE = 1e-7
NEAR_WHOLE = 2e-6  # of a lot
PARTS = (0.0, 0.25, 0.5, 0.75, 1.0)


def spare_of(drawn: Drawn, group: Group) -> float:
    """Units of tolerance: the noise that a count of whole lots is cleared of."""
    lots = [
        NEAR_WHOLE
        * abs(
            formulas.size_at(
                line.contract,
                line.contract.lot,
                formulas.mark_at(line.contract, drawn.quotes, 1.0),
            )
        )
        * formulas.to_unit(group, line, drawn.quotes)
        for line in group.lines
    ]
    return sum(lots) + EDGE * formulas.gross(group, drawn.quotes)


def breaches(
    drawn: Drawn, group: Group, limits: Limits, past: float, spare: float
) -> Iterator[str]:
    """Limits that a group passes by more than `past` times and `spare` units, in words.

    past: 1.05 is 5 % of the limit, leverage above it and a distance below it.
    """
    if not group.lines:
        return
    size, own = formulas.gross(group, drawn.quotes), formulas.equity(group, drawn.quotes)
    if limits.max_leverage is not None and size - spare > limits.max_leverage * past * own:
        words = f"{formulas.leverage(group, drawn.quotes):.6g} for {limits.max_leverage:.6g}"
        yield f"{group.account} {group.name}: leverage {words}"
    wanted = limits.min_liquidation_distance
    if wanted and not formulas.survives(group, drawn.quotes, wanted * (2.0 - past), spare):
        found = formulas.distance(group, drawn.quotes)
        yield f"{group.account} {group.name}: distance {found:.6g} for {wanted:.6g}"


def can_be_kept(
    drawn: Drawn, group: Group, limits: Limits, passed: str, tradable: set[str]
) -> bool:
    """Whether smaller positions in what hedges trade would keep a limit that is passed.

    A reduction at the mark books profit that was open: the equity stays as it is.
    """
    kind = kind_of(passed)
    return any(kind not in kinds for kinds in kinds_of_less(drawn, group, limits, tradable))


def are_opposed(drawn: Drawn, group: Group, limits: Limits, tradable: set[str]) -> bool:
    """Whether each limit can be kept by smaller positions and no size keeps both.

    A short that holds off a long which no hedge trades: less of it is less leverage, and nearer
    to the end. The distance comes first.
    """
    found = list(kinds_of_less(drawn, group, limits, tradable))
    nearer = any("distance" in kinds for kinds in found)
    return nearer and {"leverage"} in found and set() not in found


def holds_off(drawn: Drawn, group: Group, limits: Limits, tradable: set[str]) -> bool:
    """Whether less of what hedges trade would lose a distance that the group keeps.

    Where no size keeps it: whether without them the group would be nearer to its end.
    """
    *fewer, here = kinds_of_less(drawn, group, limits, tradable)
    if any("distance" not in kinds for kinds in (*fewer, here)):
        return "distance" not in here and any("distance" in kinds for kinds in fewer)
    parts = tuple(0.0 if line.contract.key in tradable else 1.0 for line in group.lines)
    without = reduced(drawn, group, parts)
    return formulas.distance(without, drawn.quotes) < formulas.distance(group, drawn.quotes)


def kinds_of_less(
    drawn: Drawn, group: Group, limits: Limits, tradable: set[str]
) -> Iterator[set[str]]:
    """The limits that a group passes with parts of what hedges trade, each part in turn."""
    parts = [PARTS if line.contract.key in tradable else (1.0,) for line in group.lines]
    for chosen in product(*parts):
        less = reduced(drawn, group, chosen)
        found = breaches(drawn, less, limits, 1.0, spare_of(drawn, group))
        yield set(map(kind_of, found))


def kind_of(words: str) -> str:
    """The limit that words of a breach speak of."""
    return "leverage" if " leverage " in words else "distance"


def reduced(drawn: Drawn, group: Group, parts: tuple[float, ...]) -> Group:
    """A group with each position cut to a part of it at the mark, its profit booked."""
    coins, lines = dict(group.coins), []
    for line, part in zip(group.lines, parts, strict=True):
        settle = line.contract.settle
        won = formulas.profit(line, formulas.mark_at(line.contract, drawn.quotes, 1.0))
        coins[settle] = coins.get(settle, 0.0) + (1.0 - part) * won
        if part:
            lines.append(replace(line, contracts=line.contracts * part))
    return replace(group, coins=coins, lines=tuple(lines))
