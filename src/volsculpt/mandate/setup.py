"""What a mandate asks to be decided at a moment, and what is done with its dated flows."""

from collections.abc import Mapping

from volsculpt.contracts.currencies import moves
from volsculpt.decide.build import build_rules
from volsculpt.decide.ladder import Rung
from volsculpt.decide.step import Setup, flat_of
from volsculpt.errors import LifeError
from volsculpt.mandate.flows import with_kept
from volsculpt.mandate.income import ahead_of
from volsculpt.mandate.ladder import ladder_of
from volsculpt.mandate.objects import Mandate
from volsculpt.text import coins, usd
from volsculpt.units import DAY_NS, iso


def setup_of(mandate: Mandate, time_ns: int) -> Setup:
    """What a mandate asks to be decided at a moment."""
    book, horizon_ns = mandate.book, mandate.flow_horizon_ns
    legs = tuple(tuple(mandate.legs(hedge, time_ns)) for hedge in mandate.hedges)
    ladder: tuple[Rung, ...] = ()
    sources = {name for plan in mandate.collateral for name in plan.source}
    book = with_kept(book, sources, (time_ns - 1, time_ns), mandate.hold_ns)
    if mandate.hedge_flows:
        book = ahead_of(mandate).counted(book, time_ns, time_ns + horizon_ns)
    if mandate.flows_by_date:
        ladder = ladder_of(book, mandate.hedges, legs, time_ns, time_ns + horizon_ns)
    return Setup(
        book=book,
        hedges=mandate.hedges,
        legs=legs,
        overlays=mandate.overlays,
        limits=mandate.limits,
        collateral=mandate.collateral,
        currencies=(mandate.numeraire,) if moves(mandate.numeraire, book.pegs) else (),
        ladder=ladder,
        hold_ns=mandate.hold_ns,
    )


def check_decidable(mandate: Mandate, time_ns: int) -> None:
    """Raise BookError or ContractError where nothing can be decided on it, whatever prices are.

    A contract that does not exist at the time is none of that: a plan of another moment has it.
    """
    try:
        setup = setup_of(mandate, time_ns)
    except LifeError:
        return
    build_rules(
        flat_of(setup),
        setup.book,
        setup.hedges,
        setup.legs,
        setup.limits,
        setup.collateral,
        time_ns,
    )


def hedgeable_coins(mandate: Mandate) -> set[str]:
    """Coins that a hedge has contracts for, or that one of the mandate's venues lists."""
    venues = {account.venue for account in mandate.book.accounts if account.kind == "margin"}
    found = {hedge.underlying for hedge in mandate.hedges if hedge.use}
    for venue in venues & set(mandate.catalog.venues()):
        found |= {contract.base for contract in mandate.catalog.contracts(venue)}
    return found


def sweep_notes(mandate: Mandate) -> list[str]:
    """Where funding received goes, where the mandate says so."""
    notes = []
    for one in mandate.book.sweeps:
        where = one.account or "every margin account"
        sold = f"sold into {one.into} and " if one.into else ""
        cost = f", at a cost of {100.0 * one.cost:g} %" if one.cost else ""
        notes.append(
            f"funding received in {where} is {sold}moved to '{one.target}' as it comes{cost}"
        )
    return notes


def fee_notes(mandate: Mandate, time_ns: int) -> list[str]:
    """Fees that accounts state, and discounts with their ends, as they are at a time."""
    notes = []
    for account in mandate.book.accounts:
        own = account.fees
        if own.maker is not None or own.taker is not None or own.by_symbol:
            notes.append(f"{account.name}: trades at the fees it states, not its venue's list")
        if own.discount > 0.0:
            end = "" if own.until_ns is None else f" until {iso(own.until_ns)}"
            less = f"{account.name}: fees are {100.0 * own.discount:g} % less{end}"
            ended = own.until_ns is not None and own.until_ns <= time_ns
            notes.append(f"{less}, which is over: fees are whole" if ended else less)
    return notes


def _bonus_words(bonus: Mapping[str, float]) -> str:
    return ", ".join(f"{coins(lent)} {name}" for name, lent in bonus.items())


def bonus_notes(mandate: Mandate) -> list[str]:
    """What counts as margin of an account without being owned."""
    return [
        f"{account.name}: a bonus of {_bonus_words(bonus)} counts as margin, not as owned; it is "
        f"lost when coins leave the account"
        for account in mandate.book.accounts
        if (bonus := account.bonus)
    ]


def lock_notes(mandate: Mandate, time_ns: int) -> list[str]:
    """Coins that cannot move yet at a time, and from when on they can."""
    return [
        f"what is in '{account.name}' is locked until {iso(account.locked_until_ns)}"
        for account in mandate.book.accounts
        if account.locked_until_ns is not None and account.is_locked(time_ns)
    ]


def ahead_notes(mandate: Mandate, coming_usd: float) -> list[str]:
    """What a run counts ahead, where the mandate asks for it. coming_usd: of it, at the start."""
    if not (mandate.hedge_flows and mandate.book.flows):
        return []
    days = mandate.flow_horizon_ns // DAY_NS
    ahead = ahead_of(mandate)
    what = "income" if ahead.income_only else "flows"
    of = f" of {', '.join(sorted(ahead.coins))}" if ahead.coins is not None else ""
    note = (
        f"wealth of this run counts {what}{of} of the next {days} days at their price, as its "
        f"hedge does: {usd(coming_usd)} USD at the start, which a plan tells beside its wealth; "
        f"without a hedge they are counted too"
    )
    return [note]


def flow_notes(mandate: Mandate) -> list[str]:
    """What is done with the dated flows of the mandate."""
    if not mandate.book.flows:
        return []
    days = mandate.flow_horizon_ns // DAY_NS
    if mandate.hedge_flows:
        if mandate.flows_by_date:
            how = "each by the first dated contract in use that expires at or after it"
            return [f"income of the next {days} days is hedged already, {how}"]
        when = f"flows of the next {days} days are hedged already"
        return [f"{when}, and owned once they are there (hedge_flows = true)"]
    count = len(mandate.book.flows)
    return [f"{count} dated flow(s) are not hedged until they arrive; hedge_flows = true would"]
