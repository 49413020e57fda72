"""Which of several margin accounts a hedge can trade in: the one that has the margin for it.

Read off the file, before any price. Coins of another margin account are none to move there: they
may stand behind a loan or behind positions.
"""

from collections.abc import Sequence

from volsculpt.book.holdings import Account
from volsculpt.contracts.spec import Contract
from volsculpt.mandate.hedge_tables import UseTable
from volsculpt.mandate.reading import Reading

USUAL = UseTable.model_fields["contract"].default
Tradable = tuple[Account, Contract]  # an account, and the contract that it would trade


def which_to_name(reading: Reading, wish: str, tradables: Sequence[Tradable]) -> str:
    """What to write into `use` where several accounts could hold its contract, or what is lacking.

    First the account that holds the contract, then one with margin for it, the more the rather,
    then one that free coins can be moved to. wish: the contract as `use` has it.
    """
    able = [one for one in tradables if _takes(one)]
    settles = " or ".join(dict.fromkeys(contract.settle for _, contract in able or tradables))
    best = max(able, key=lambda one: _rank(reading, one), default=None)
    if best is None:
        names = " or ".join(f"'{account.name}'" for account, _ in tradables)
        return f"none counts {settles} as margin: state its collateral_weights in {names}"
    contract = "" if wish == USUAL else f', contract = "{wish}"'
    named = f'use = [{{ account = "{best[0].name}"{contract} }}]'
    if any(_rank(reading, best)[:3]):
        return f"name one, for example {named}"
    return (
        f"none has margin for it, and no account has {settles} that could be moved there: put "
        f"{settles} into one and name that one, for example {named}"
    )


def _takes(place: Tradable) -> bool:
    """Whether its account counts what the contract settles in as margin."""
    account, contract = place
    return account.margin_mode != "unified" or contract.settle in account.collateral_weights


def _rank(reading: Reading, place: Tradable) -> tuple[bool, bool, bool, float]:
    """How well an account can trade a contract: holds it, has margin, can be sent some; how much.

    Of `settle` alone it is told how much: nothing else compares without prices.
    """
    account, contract = place
    holds = any(one.contract.key == contract.key and one.contracts for one in account.positions)
    coins = _coming(reading, account)
    counted = [contract.settle]
    if account.margin_mode == "unified":
        counted = [name for name, weight in account.collateral_weights.items() if weight > 0.0]
    has_margin = any(coins.get(name, 0.0) > 0.0 for name in counted)
    has_free = _is_free(reading, contract.settle)
    return holds, has_margin, has_free, coins.get(contract.settle, 0.0)


def _coming(reading: Reading, account: Account) -> dict[str, float]:
    """Coins that stand behind an account's positions, its bonus and what is under way to it."""
    found = dict(account.balances)
    sent = [one for one in reading.tables.transfer if one.to == account.name]
    arriving = [(one.currency, one.amount) for one in sent]
    for name, coins in [*account.bonus.items(), *arriving]:
        found[name] = found.get(name, 0.0) + coins
    return found


def _is_free(reading: Reading, currency: str) -> bool:
    """Whether an account that backs nothing has some of a currency, and may let it go."""
    return any(
        account.kind != "margin"
        and account.locked_until_ns is None
        and account.balances.get(currency, 0.0) > 0.0
        for account in reading.accounts.values()
    )
