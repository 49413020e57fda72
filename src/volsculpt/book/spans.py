"""Between which rows of a layout what belongs together lies, so that no loop reads them all."""

from collections.abc import Sequence

from volsculpt.contracts.legs import Legs


def span_of(owners: Sequence[int], count: int) -> tuple[list[int], list[int]]:
    """(first row, one past the last row) of each owner; 0 and 0 for one that owns none.

    Worked: [0, -1, 1, 0] of 2: ([0, 2], [4, 3]).

    Args: owners: of each row, -1 = none; count: of owners.
    """
    first, past = [0] * count, [0] * count
    for row, owner in enumerate(owners):
        if owner >= 0:
            first[owner] = row if past[owner] == 0 else first[owner]
            past[owner] = row + 1
    return first, past


def spans(legs: Legs, wallet_group: Sequence[int], groups: int) -> dict[str, list[int]]:
    """The columns of a `Layout` that say where the legs and wallets of groups lie."""
    of_legs, of_wallets = span_of(legs.group, groups), span_of(wallet_group, groups)
    of_cash = span_of(legs.cash_wallet, len(wallet_group))
    return {
        "group_leg_from": of_legs[0],
        "group_leg_to": of_legs[1],
        "group_wallet_from": of_wallets[0],
        "group_wallet_to": of_wallets[1],
        "cash_leg_from": of_cash[0],
        "cash_leg_to": of_cash[1],
    }
