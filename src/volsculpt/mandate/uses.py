"""Which account and which contract a hedge trades: names checked, words turned into symbols."""

from volsculpt.book.holdings import Account
from volsculpt.contracts.catalog import Catalog
from volsculpt.contracts.spec import Contract
from volsculpt.errors import ContractError
from volsculpt.hedge.spec import Use
from volsculpt.mandate.hedge_tables import UseTable
from volsculpt.mandate.locations import Loc, choice, then
from volsculpt.mandate.margin_there import which_to_name
from volsculpt.mandate.reading import VENUE_HINT, Reading

IN_WORDS = {"inverse perpetual": "inverse", "linear perpetual": "linear"}
PREFERRED_SETTLES = ("USDT", "USDC", "USD")
REFERENCE_NS = 1_704_067_200_000_000_000  # 2024: any time shows whether a rule has a meaning


def perpetual_in_words(catalog: Catalog, account: Account, words: str, coin: str) -> Contract:
    """The perpetual of a coin that "inverse perpetual" or "linear perpetual" means.

    Inverse: settled in the coin. Linear: settled in what the account holds, else in USDT,
    USDC or USD, in that order. Raises ContractError when the venue has none.

    Args: words: a key of `IN_WORDS`; coin: its name.
    """
    venue = account.venue or ""
    found = catalog.perpetuals(venue, coin, IN_WORDS[words])
    found = [one for one in found if not account.is_not_own(one.key)] or found
    if words == "inverse perpetual":
        found = [contract for contract in found if contract.settle == coin]
    if not found:
        others = ", ".join(one.symbol for one in catalog.perpetuals(venue, coin))
        fix = f"it has {others}" if others else f"volsculpt contracts find {coin} tells who has"
        raise ContractError(f"{venue} has no {words} of {coin}; {fix}")
    order = [asset for asset, amount in account.balances.items() if amount > 0]
    order += PREFERRED_SETTLES
    return min(found, key=lambda c: order.index(c.settle) if c.settle in order else len(order))


def meant(
    catalog: Catalog, account: Account, wish: str, coin: str, roll_days: float
) -> tuple[str, Contract]:
    """(symbol or rule, a contract it means) of what a `use` entry wishes for.

    Raises ContractError when the venue has none, or when it is on another coin.

    Args: wish: a symbol, a rule or a perpetual in words; coin: its name; roll_days: days before
    expiry that a rule rolls on.
    """
    venue = account.venue or ""
    if wish in IN_WORDS:
        contract = perpetual_in_words(catalog, account, wish, coin)
        check_own(account, contract)
        return contract.symbol, contract
    if "@" in wish:
        pair = wish.partition("@")[0]
        family = next((one for one in catalog.families(venue) if one.symbol == pair), None)
        start = family.template.valid_from_ns if family is not None else None
        contract = catalog.resolve(venue, wish, start or REFERENCE_NS, roll_days)
    else:
        contract = catalog.get(venue, wish)
    check_own(account, contract)
    if contract.base != coin:
        raise ContractError(
            f"{wish} is on {contract.base}, this hedge needs a contract on {coin}; "
            f'for example "inverse perpetual"'
        )
    return wish, contract


def check_own(account: Account, contract: Contract) -> None:
    """Raise ContractError for a contract that is somebody else's in an account."""
    if account.is_not_own(contract.key):
        raise ContractError(
            f"{contract.symbol} in account '{account.name}' is not own ([[account.not_own]]), so "
            f"no hedge may trade it; use another contract or account, or say there how many "
            f"contracts of it are not own"
        )


def read_use(
    reading: Reading, loc: Loc, coin: str, table: UseTable, roll_days: float, lenient: bool
) -> tuple[Use, Contract] | None:
    """One entry of `use`: an account and a rule, with a contract the rule means.

    Args: loc: the entry's place; coin: its name; roll_days: days before expiry that a rule rolls
    on, where the entry has none; lenient: a contract that the venue lacks is a warning (hedge on
    "*").
    """
    days = roll_days if table.roll_days is None else table.roll_days
    if table.account is None:
        return only_account(reading, loc, coin, table.contract, days, lenient)
    account = _named_account(reading, loc, table)
    if account is None:
        return None
    try:
        rule, contract = meant(reading.catalog, account, table.contract, coin, days)
    except ContractError as error:
        if lenient:
            reading.warn(f"{coin}: account '{account.name}' is passed over: {error}")
        else:
            reading.add((*loc, "contract"), str(error))
        return None
    return Use(account.name, rule, days), contract


def usual_use(reading: Reading, coin: str) -> UseTable:
    """What a hedge without `use` wishes for: the inverse perpetual, else the linear.

    One that a plan can size goes first: an inverse one whose margin is unknown refuses the plan.
    """
    found = [
        (words, one)
        for words, payoff in IN_WORDS.items()
        for account in reading.margin_accounts()
        for one in reading.catalog.perpetuals(account.venue or "", coin, payoff)
        if not account.is_not_own(one.key) and (payoff == "linear" or one.settle == coin)
    ]
    if not found:
        return UseTable()
    wish, _ = next((pair for pair in found if not pair[1].needs), found[0])
    passed = [one for words, one in found if words == found[0][0] != wish]
    for one in passed:
        reading.note(
            f"{coin}: {one.key} is passed over, no plan can size it: {', '.join(one.needs)} is not "
            f"in the catalog; give it in a contracts file, or name it in use"
        )
    return UseTable(contract=wish)


def only_account(
    reading: Reading, loc: Loc, coin: str, wish: str, days: float, lenient: bool
) -> tuple[Use, Contract] | None:
    """The use of a contract in the one margin account that can hold it.

    Several accounts are a problem, a symbol that none has is one too; otherwise none is a
    warning: the coin cannot be hedged.

    Args: loc: the entry's place; coin: its name; wish: as `meant` takes it; days: before expiry
    that a rule rolls on; lenient: that no account has it is a warning.
    """
    able: list[tuple[Use, Contract]] = []
    refused: list[str] = []
    for account in reading.margin_accounts():
        try:
            rule, contract = meant(reading.catalog, account, wish, coin, days)
        except ContractError as error:
            refused.append(str(error))
            continue
        able.append((Use(account.name, rule, days), contract))
    if len(able) == 1:
        use = able[0][0]
        reading.note(
            f"{coin}: trades {use.rule} in account '{use.account}', the only margin account "
            f"that can hold {_described(wish, coin)}"
        )
        return able[0]
    if able:
        names = " and ".join(use.account for use, _ in able)
        ambiguity = f"the margin accounts {names} can each hold {_described(wish, coin)}"
        held = [(reading.accounts[use.account], contract) for use, contract in able]
        reading.add(loc, f"{ambiguity}; {which_to_name(reading, wish, held)}")
    elif refused and wish not in IN_WORDS and not lenient:
        reading.add(loc, refused[0])
    else:
        reading.warn(
            f"{coin} cannot be hedged: no margin account can hold {_described(wish, coin)}; "
            f'{_dated(reading, coin)}add an [[account]] with kind = "margin" at a venue that lists '
            f"it (volsculpt contracts find {coin}), or a proxy"
        )
    return None


def _dated(reading: Reading, coin: str) -> str:
    """The dated contracts on a coin that the margin accounts can hold instead, as advice."""
    rules = {
        f'"{one.symbol}@{one.calendars[0]}"'
        for account in reading.margin_accounts()
        if account.venue in reading.catalog.venues()
        for one in reading.catalog.families(account.venue)
        if one.template.base == coin and not one.template.needs
    }
    return f"write use = {' or '.join(sorted(rules))}, " if rules else ""


def _described(wish: str, coin: str) -> str:
    """`an inverse perpetual of BTC`, or the symbol itself."""
    if wish not in IN_WORDS:
        return wish
    return f"{'an' if wish[0] == 'i' else 'a'} {wish} of {coin}"


def _named_account(reading: Reading, loc: Loc, table: UseTable) -> Account | None:
    """The margin account that `use` names, assumed when it does not exist yet."""
    name = table.account or ""
    account = reading.accounts.get(name)
    if account is None:
        return _assumed(reading, loc, table)
    if account.kind != "margin":
        reading.add(
            (*loc, "account"),
            f"is a {account.kind} account and cannot hold futures; name a margin account",
        )
        return None
    if account.venue is None:
        reading.add((*loc, "account"), f'has no venue; add venue to [[account]] "{name}"')
        return None
    if table.venue not in (None, account.venue):
        reading.add((*loc, "venue"), f'account "{name}" is at "{account.venue}"; remove venue here')
        return None
    return account if account.venue in reading.catalog.venues() else None


def _assumed(reading: Reading, loc: Loc, table: UseTable) -> Account | None:
    """An empty cross margin account in place of one that does not exist yet."""
    name = table.account or ""
    if table.venue is None:
        margin = [one.name for one in reading.accounts.values() if one.kind == "margin"]
        hint = then(
            choice(name, margin),
            f'or add an [[account]] "{name}", or venue = "bybit" here to plan as if it existed',
        )
        reading.add((*loc, "account"), f"no such margin account; {hint}")
        return None
    if table.venue not in reading.catalog.venues():
        venues = reading.catalog.venues()
        reading.add(
            (*loc, "venue"), f"unknown venue; {then(choice(table.venue, venues), VENUE_HINT)}"
        )
        return None
    account = Account(name, "margin", table.venue, "cross", is_assumed=True)
    reading.accounts[name] = account
    reading.assumed.append(name)
    reading.note(
        f"account '{name}' does not exist yet: an empty cross margin account at {table.venue} "
        f"is assumed"
    )
    return account
