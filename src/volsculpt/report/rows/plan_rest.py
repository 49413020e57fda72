"""What keeps a hedge under its target once the coins to be moved are there, in words."""

from volsculpt.decide.finish import contract_usd
from volsculpt.decide.ratio_words import REST_FOLLOWS, cap_words, pool_legs, ratio_after, target_of
from volsculpt.decide.rules import CAPPED, MAX_ORDER, POSITION_MOST, VENUE_MOST
from volsculpt.decide.step import Decision
from volsculpt.decide.words import leg_words, reasons
from volsculpt.text import contracts, percent, usd

NEAR = 0.02  # of all: whole contracts leave less


def reasons_to_end(decision: Decision, late: Decision, row: int) -> list[str]:
    """Every sentence about one hedge; that its rest follows only as far as it does.

    late: what is decided once the coins to be moved are there, the decision itself where none are.
    """
    lines = reasons(decision, row)
    if late is decision or REST_FOLLOWS not in lines:
        return lines
    reached = ratio_after(late, row)
    if target_of(decision, row) - reached <= NEAR:
        return lines
    lines[lines.index(REST_FOLLOWS)] = (
        f"a part of {REST_FOLLOWS}: {percent(reached)} is hedged then"
    )
    return lines + _what_binds(late, row)


def _what_binds(late: Decision, row: int) -> list[str]:
    """The largest order or position, the limits, or the size of a contract that leave the rest."""
    legs = pool_legs(late, row)
    bound = [
        leg for leg in legs if late.answer.leg_code[leg] & (VENUE_MOST | POSITION_MOST | MAX_ORDER)
    ]
    if bound:
        return [line for leg in bound for line in leg_words(late, leg)]
    if late.answer.hedge_code[row] & CAPPED:
        return [f"then {cap_words(late, row)[0]}"]
    layout, quote = late.flat.layout, late.quoted.quote
    size, leg = min((layout.legs.lot[leg] * contract_usd(layout, quote, leg), leg) for leg in legs)
    name = late.flat.legs[leg][1].symbol
    return [f"what is missing then is less than the smallest order of {name}, {usd(size)} USD"]


def later_words(decision: Decision, later: dict[int, float], row: int) -> list[str]:
    """What the next decisions trade of contracts that this one leaves alone.

    Args: later: signed contracts by leg; row: of the hedge.
    """
    found = list[str]()
    for leg in pool_legs(decision, row):
        size, (account, contract) = later.get(leg, 0.0), decision.flat.legs[leg]
        if size != 0.0 and decision.answer.trade[leg] == 0.0:
            side = "buys" if size > 0.0 else "sells"
            what = f"{contracts(abs(size))} of {contract.symbol} on {account}"
            found.append(f"then the next decision {side} {what}, at prices as they are")
    return found
