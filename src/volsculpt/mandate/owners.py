"""What in an account is not its owner's: read beside the positions and balances it is a part of."""

from collections.abc import Iterator, Sequence

from volsculpt.book.holdings import Account, NotOwn, Position
from volsculpt.book.owners import is_lacking
from volsculpt.decide.limits import may_be_long
from volsculpt.mandate.holding_tables import AccountTable, NotOwnTable
from volsculpt.mandate.locations import Loc
from volsculpt.mandate.reading import Reading, find_contract
from volsculpt.text import coins

LEFT_OUT = "counted in its margin and liquidation, in nothing else, and never traded"
NO_ENTRY = (
    "is missing: the account states no position in this contract; give the average entry price of "
    "what is not own, or [[account.position]] as the venue shows it"
)


def read_not_own(
    reading: Reading, loc: Loc, account: AccountTable, positions: Sequence[Position]
) -> Iterator[NotOwn]:
    """Every contract of an account that is not own, whole or in part.

    Args: loc: the account's place in the file; positions: those the account holds.
    """
    for row, table in enumerate(account.not_own):
        if table.contract is None:
            continue
        here: Loc = (*loc, "not_own", row)
        contract = find_contract(reading, (*here, "contract"), account.venue or "", table.contract)
        if contract is None:
            continue
        if table.contracts is None:
            yield NotOwn(contract)
            continue
        held = next((one for one in positions if one.contract.key == contract.key), None)
        entry = table.entry or (held.entry if held is not None else None)
        if entry is None:
            reading.add((*here, "entry"), NO_ENTRY)
            continue
        if held is not None:
            _check_part(reading, here, table.contracts, held)
        yield NotOwn(contract, table.contracts, entry)


def all_not_own(positions: Sequence[Position], not_own: Sequence[NotOwn]) -> Iterator[Position]:
    """Positions that an account does not state but for what of them is not own."""
    stated = {one.contract.key for one in positions}
    for one in not_own:
        if one.contracts is not None and one.entry is not None:
            if one.contract.key not in stated:
                yield Position(one.contract, one.contracts, one.entry)


def _check_part(reading: Reading, loc: Loc, contracts: float, held: Position) -> None:
    """A short that is not own is no larger than what the venue holds."""
    limits = reading.tables.limits
    is_allowed = may_be_long(limits.allow_long, limits.min_ratio)
    if is_lacking(held.contracts, contracts, is_allowed):
        long = held.contracts - contracts
        reading.add(
            (*loc, "contracts"),
            f"is a larger short than the account's whole position of {coins(held.contracts)}: "
            f"{coins(long)} long would be own, and futures here are never long; correct one of "
            f"them (limits.allow_long = true allows it)",
        )


def read_not_own_coins(reading: Reading, loc: Loc, account: AccountTable) -> dict[str, float]:
    """Coins of an account that are not own, by currency."""
    found: dict[str, float] = {}
    for row, table in enumerate(account.not_own):
        if table.coin is not None and table.amount is not None:
            _check_coins(reading, (*loc, "not_own", row), account, table)
            found[table.coin] = table.amount
    return found


def _check_coins(reading: Reading, loc: Loc, account: AccountTable, table: NotOwnTable) -> None:
    """What is not own of a balance is no more than the balance."""
    coin, amount = table.coin or "", table.amount or 0.0
    held = account.balances.get(coin, 0.0)
    if amount > held:
        reading.add(
            (*loc, "amount"),
            f"is more than the {coins(held)} {coin} that the account holds; a balance is the "
            f"whole, what is not own is a part of it",
        )
    if account.margin_mode == "unified" and reading.underlying(coin) != coin:
        reading.add(
            (*loc, "coin"),
            "is a wrapped asset that counts as margin at a weight of its own; keep what is not "
            "own of it in another account",
        )


def note_not_own(reading: Reading, account: Account) -> None:
    """Say what of an account is left out, and of what."""
    held = {one.contract.key: one.contracts for one in account.positions}
    for one in account.not_own:
        whole = held.get(one.contract.key, 0.0)
        part = whole if one.contracts is None else one.contracts
        what = f"{coins(part)} contracts of {one.contract.symbol}, of {coins(whole)} held in all,"
        reading.note(f"{account.name}: {what} are not own: {LEFT_OUT}")
    for name, left in account.not_own_coins.items():
        counts = account.kind == "margin" and account.margin_mode != "isolated"
        how = "they count as margin alone" if counts else "they are left out"
        what = f"{coins(left)} of {coins(account.balances.get(name, 0.0))} {name}"
        reading.note(f"{account.name}: {what} are not own: {how}")
