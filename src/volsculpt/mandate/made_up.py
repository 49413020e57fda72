"""The made-up market of a mandate: its coins, venues and contracts, without any data.

The demo's BTC and ETH with bybit's contracts where a mandate needs no more and asks for nothing
else; for all others a market of their own.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from volsculpt.contracts.currencies import is_fiat, is_stable, peg_of
from volsculpt.contracts.spec import Contract
from volsculpt.errors import ContractError, HistoryError, LifeError, PriceError
from volsculpt.hedge.needs import contracts_of, needs_of
from volsculpt.mandate.legs_used import days_of, days_run, legs_over_time, needed_keys
from volsculpt.mandate.needed import uses_of
from volsculpt.mandate.objects import Mandate
from volsculpt.market.coin_table import made_up_coin
from volsculpt.market.history import History
from volsculpt.market.made_up import FIVE_YEARS, MadeUpWorld, PricedContract, made_up
from volsculpt.market.market_paths import MIXED, market_path
from volsculpt.market.synthetic import DEMO_SEED, LISTED_DAYS, START_NS, synthetic
from volsculpt.units import DAY_NS, HOUR_NS, YEAR_NS, iso_day

RunEnds = tuple[int | None, int | None]  # from, to: ns UTC, None = left to the market
BEFORE_NS = 365 * DAY_NS  # what policies look back on
MOST_HOURS = 4 * FIVE_YEARS
OTHER_TIME = "leave --from and --to out, and the made-up market is of a time in which it exists"
TICKS = 10_000.0  # a usual price over the price step of its contract


@dataclass(frozen=True, slots=True)
class MarketChoice:
    """Which made-up market is asked for; all left out: the demo's, where a mandate fits it.

    path: a name of `market_paths`. prices: US dollars for coins at the run's beginning. quoted:
    likewise, of coins that the market need not have.
    """

    path: str | None = None
    prices: Mapping[str, float] = field(default_factory=dict)
    seed: int | None = None
    quoted: Mapping[str, float] = field(default_factory=dict)


def made_up_market(
    mandate: Mandate, ends: RunEnds, choice: MarketChoice | None = None
) -> tuple[History, bool]:
    """(a made-up market that a mandate can be run through, whether it is the demo's).

    Raises HistoryError, PriceError for what cannot be made up, ContractError for a contract that
    does not exist in the time asked for.
    """
    choice = choice or MarketChoice()
    seed = DEMO_SEED if choice.seed is None else choice.seed
    if choice.path is None and not choice.prices and not choice.quoted:
        demo = synthetic(seed).history
        if fits(mandate, demo, ends):
            return demo, True
    try:
        return _market_of(mandate, ends, choice, seed), False
    except LifeError as error:
        raise ContractError(f"{error}; {OTHER_TIME}") from None


def fits(mandate: Mandate, history: History, ends: RunEnds) -> bool:
    """Whether a history has all that a mandate needs."""
    try:
        keys, coins = needed_keys(mandate, days_run(history, ends))
    except LifeError:
        return ends != (None, None)  # the time asked for is wrong, whatever the market
    there = set(history.index)
    return set(keys) <= set(history.contracts) and all(
        name in there or is_stable(name, mandate.book.pegs) for name in coins
    )


def _market_of(mandate: Mandate, ends: RunEnds, choice: MarketChoice, seed: int) -> History:
    """A market of the mandate's own."""
    start_ns, hours = _time_of(mandate, ends)
    from_ns = ends[0] if ends[0] is not None else start_ns + DAY_NS
    to_ns = ends[1] if ends[1] is not None else start_ns + hours * HOUR_NS
    uses = uses_of(_held(mandate), legs_over_time(mandate), from_ns, to_ns)
    priced = {
        key: PricedContract(one.contract, start_ns if _is_named(one.contract, mandate) else listed)
        for key, one in uses.items()
        for listed in [max(start_ns, min(one.from_ns - DAY_NS, _listed(one.contract, start_ns)))]
    }
    for key in contracts_of(needs_of(mandate.hedges, mandate.overlays)):
        if key not in priced and "@" not in key:  # what a rule means is among those in use
            venue, _, symbol = key.partition(":")
            priced[key] = PricedContract(mandate.catalog.get(venue, symbol), start_ns)
    _, coins = needed_keys(mandate, days_of(from_ns, to_ns))
    named = {*coins, *needs_of(mandate.hedges, mandate.overlays)} - {"USD"}
    contracts = [one.contract for one in priced.values()]
    named |= {name for one in contracts for name in (one.base, one.quote, one.settle)}
    quoted = {name: price for name, price in choice.quoted.items() if name in named}
    world = MadeUpWorld(
        path=market_path(choice.path or MIXED),
        seed=seed,
        start_ns=start_ns,
        hours=hours,
        prices=_entries(mandate) | quoted | _checked(choice.prices, named),
        priced_ns=from_ns,
        usual=_by_ticks(contracts),
        pegs=mandate.book.pegs,
    )
    return made_up(world, priced.values(), named)


def _time_of(mandate: Mandate, ends: RunEnds) -> tuple[int, int]:
    """(beginning in ns UTC, hours) of the market: five years from 2020 on, or when it is needed.

    Contracts that a mandate names are not listed before, or end sooner; it ends with the first.
    """
    lives = [one.life_ns for one in _named(mandate)]
    until = min((end for _, end in lives if end is not None), default=None)
    if ends[0] is not None:
        late = ends[0] >= START_NS + FIVE_YEARS * HOUR_NS
        start = START_NS
        if late or ends[0] < START_NS + DAY_NS:
            start = ends[0] // DAY_NS * DAY_NS - BEFORE_NS
    else:
        listed = [START_NS, *(first for first, _ in lives if first is not None)]
        ending = [*_named(mandate), *_held(mandate)]
        listed += [_listed(one, START_NS) for one in ending]
        start = -(-max(listed) // DAY_NS) * DAY_NS
        if until is not None and start >= until - DAY_NS:
            start = until // DAY_NS * DAY_NS - LISTED_DAYS * DAY_NS
    hours = FIVE_YEARS
    if ends[1] is not None:
        hours = max(hours, -(-(ends[1] - start) // HOUR_NS))
    elif until is not None:
        hours = min(hours, (until - start) // HOUR_NS)
    if hours > MOST_HOURS:
        years = MOST_HOURS * HOUR_NS // YEAR_NS
        raise HistoryError(
            f"a made-up market lasts {years} years at most, from {iso_day(start)} on; "
            f"end sooner (--to)"
        )
    return start, hours


def _named(mandate: Mandate) -> list[Contract]:
    """The contracts that hedges name without a rule, which are used from first to last."""
    accounts = mandate.book.by_name()
    return [
        mandate.catalog.get(accounts[use.account].venue or "", use.rule)
        for hedge in mandate.hedges
        for use in hedge.use
        if "@" not in use.rule
    ]


def _is_named(contract: Contract, mandate: Mandate) -> bool:
    """Whether a contract is priced from the beginning: it is held, or named by a hedge."""
    return any(contract.key == one.key for one in (*_named(mandate), *_held(mandate)))


def _held(mandate: Mandate) -> list[Contract]:
    """The contracts of positions and of orders."""
    accounts = mandate.book.accounts
    held = [one.contract for account in accounts for one in account.positions]
    return held + [one.contract for account in accounts for one in account.orders]


def _listed(contract: Contract, start_ns: int) -> int:
    """When a contract is first traded: a dated one some months before it ends."""
    if contract.expiry_ns is None:
        return start_ns
    return max(start_ns, contract.expiry_ns - LISTED_DAYS * DAY_NS)


def _entries(mandate: Mandate) -> dict[str, float]:
    """US dollars that a coin costs, near the entries of positions that are quoted in dollars.

    A position of no contracts has no entry that anybody paid.
    """
    pegs = mandate.book.pegs
    return {
        one.contract.base: one.entry / one.contract.base_count
        for account in mandate.book.accounts
        for one in account.positions
        if one.contracts != 0.0
        if one.contract.quote == "USD" or peg_of(one.contract.quote, pegs) == "USD"
    }


def _checked(prices: Mapping[str, float], named: set[str]) -> dict[str, float]:
    """Prices that were said, of coins that the market has; PriceError for others."""
    for name in prices:
        if ":" in name:
            raise PriceError(
                f"--price {name}: a made-up market makes the prices of contracts from those of "
                f"coins; write --price {name.partition(':')[2].partition('/')[0]}=NUMBER"
            )
        if name not in named:
            raise PriceError(
                f"--price {name}: the mandate has no {name}; its market has "
                f"{', '.join(sorted(named))}"
            )
    return dict(prices)


def _by_ticks(contracts: list[Contract]) -> dict[str, float]:
    """US dollars for coins that the table does not know, by the price steps of their contracts."""
    return {
        one.base: one.tick * TICKS / one.base_count
        for one in contracts
        if one.tick is not None
        and made_up_coin(one.base).price is None
        and not is_fiat(one.base)
        and (one.quote == "USD" or is_stable(one.quote))
    }
