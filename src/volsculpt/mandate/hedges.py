"""From hedge tables to hedges: one for each coin, with a policy, a band and contracts."""

from dataclasses import dataclass, field

from volsculpt.contracts.counted import counted
from volsculpt.contracts.currencies import moves
from volsculpt.contracts.expiries import parse_symbol
from volsculpt.contracts.spec import Contract, Fees
from volsculpt.decide.limits import may_be_long
from volsculpt.hedge.carry.traded import TradedContract, traded
from volsculpt.hedge.policy import Policy
from volsculpt.hedge.spec import BetaRule, Hedge, Proxy, Use
from volsculpt.hedge.words import held_words
from volsculpt.mandate.bands import hedge_band, paid_fees
from volsculpt.mandate.hedge_tables import HedgeTable, UseTable
from volsculpt.mandate.locations import Loc
from volsculpt.mandate.policies import read_policy
from volsculpt.mandate.proxies import beta_rule, proxies_of
from volsculpt.mandate.reading import Reading
from volsculpt.mandate.tables import BY_DATE
from volsculpt.mandate.uses import read_use, usual_use


@dataclass
class _Wish:
    """A hedge on one coin, as asked for in one table; `every` marks a table on "*"."""

    row: int
    coin: str
    table: HedgeTable
    every: bool
    use: tuple[Use, ...] = ()
    fees: Fees | None = None  # of the first contract it trades
    sells: list[TradedContract] = field(default_factory=list)

    @property
    def loc(self) -> Loc:
        """Where it is written."""
        return ("hedge", self.row)

    @property
    def proxies(self) -> tuple[Proxy, ...]:
        """The coins that stand in; none for a coin that "*" covers and that is itself a proxy."""
        if self.table.proxy is None or self.coin in self.table.proxy:
            return ()
        return proxies_of(self.table.proxy, self.table.beta)

    @property
    def betas(self) -> BetaRule | None:
        """How its betas are estimated; None where they are stated, and without proxies."""
        if not self.proxies:
            return None
        stated = (self.table.beta, *(self.table.proxy or {}).values())
        return beta_rule(self.table.betas, any(one is not None for one in stated))


@dataclass
class Hedges:
    """The hedges, and account -> currencies that the contracts they use settle in."""

    hedges: tuple[Hedge, ...] = ()
    settles: dict[str, set[str]] = field(default_factory=dict)


def read_hedges(reading: Reading) -> Hedges:
    """Every hedge of the file; those on "*" become one for each coin they cover."""
    wishes = _expanded(reading)
    result = Hedges()
    own = {wish.coin: wish for wish in wishes if not wish.proxies}
    for wish in own.values():
        wish.use = _read_uses(reading, wish, result.settles)
    for wish in wishes:
        if wish.proxies and _check_proxies(reading, wish, wishes):
            wish.use = _proxied_uses(reading, wish, own, result.settles)
    policies: dict[int, Policy] = {}
    for wish in wishes:
        if wish.row not in policies:
            policies[wish.row] = _checked_policy(reading, wish)
    result.hedges = tuple(_hedge(reading, wish, policies[wish.row]) for wish in wishes)
    _note_together(reading, result.hedges)
    if reading.tables.hedge_flows == BY_DATE:
        _check_ladder(reading, result.hedges)
    return result


def _check_ladder(reading: Reading, hedges: tuple[Hedge, ...]) -> None:
    """Warn of income that no dated contract in use carries, though it is to go by its dates."""
    income = {reading.underlying(one.currency) for one in reading.tables.flow if one.amount > 0.0}
    for hedge in hedges:
        dated = any("@" in use.rule or parse_symbol(use.rule).day for use in hedge.use)
        if hedge.underlying in income and hedge.use and not dated:
            first = hedge.use[0]
            pair = f"{first.rule.partition('-')[0]}@quarter"
            reading.warn(
                f'{hedge.underlying}: hedge_flows = "by date" finds no dated contract in its use, '
                f"so {first.rule} carries its income; put dated ones before it, such as "
                f'{{ account = "{first.account}", contract = "{pair}" }}'
            )


def _note_together(reading: Reading, hedges: tuple[Hedge, ...]) -> None:
    """Say what several hedges of one policy come to."""
    kinds = dict.fromkeys(type(hedge.policy) for hedge in hedges)
    for kind in kinds:
        own = {one.underlying: one.policy for one in hedges if type(one.policy) is kind}
        for line in kind.together(own):
            reading.note(line)


def _expanded(reading: Reading) -> list[_Wish]:
    """One wish for each coin, in file order; a coin hedged twice is a problem."""
    tables = reading.tables.hedge
    first: dict[str, int] = {}
    for row, table in enumerate(tables):
        if table.underlying in first:
            reading.add(
                ("hedge", row, "underlying"),
                f"already hedged by [[hedge]] {first[table.underlying] + 1}; keep one of them",
            )
        first.setdefault(table.underlying, row)
    held = reading.held_coins
    wishes = []
    for coin, row in first.items():
        if coin == "*":
            rest = [held_coin for held_coin in held if held_coin not in first]
            wishes += [_Wish(row, held_coin, tables[row], True) for held_coin in rest]
            covered = ", ".join(rest) or "no coin"
            reading.note(f'[[hedge]] {row + 1} on "*" covers {covered}')
        elif _check_coin(reading, ("hedge", row, "underlying"), coin):
            wishes.append(_Wish(row, coin, tables[row], False))
            if coin not in held:
                reading.warn(f"{coin} has a [[hedge]], and no account holds any of it")
    return wishes


def _check_coin(reading: Reading, loc: Loc, coin: str) -> bool:
    """Whether a hedge can be on it: a coin that moves, spelled as it is held, not a wrapped one."""
    meant = [held for held in reading.held_coins if held.upper() == coin.upper()]
    if meant and coin not in meant:
        reading.add(loc, f'no account holds {coin}; write "{meant[0]}", as it is held')
        return False
    last = reading.underlying(coin)
    if last != coin:
        how = f" by [assets.{coin}]" if coin in reading.tables.assets else ""
        reading.add(loc, f'is counted as {last}{how}; write "{last}"')
        return False
    if not moves(coin, reading.pegs):
        reading.add(loc, "is money or a stablecoin: only coins whose price moves are hedged")
        return False
    return True


def _check_proxies(reading: Reading, wish: _Wish, wishes: list[_Wish]) -> bool:
    """Whether proxies can stand in: coins that move, other ones, none proxied itself."""
    loc = (*wish.loc, "proxy")
    for proxy, _ in wish.proxies:
        if any(other.coin == proxy and other.proxies for other in wishes):
            reading.add(
                loc,
                f"the hedge on {proxy} has a proxy itself; name a coin that is hedged with its own "
                f"contracts",
            )
            return False
    return all(_check_coin(reading, loc, proxy) for proxy, _ in wish.proxies)


def _use_loc(reading: Reading, wish: _Wish, number: int) -> Loc:
    """Where an entry of `use` is written; `use` itself when it is one text, or absent."""
    stated = reading.problems.data["hedge"][wish.row].get("use")
    return (*wish.loc, "use", number) if isinstance(stated, list) else (*wish.loc, "use")


def _read_uses(reading: Reading, wish: _Wish, settles: dict[str, set[str]]) -> tuple[Use, ...]:
    """What a hedge trades, in order of preference; none when nothing can hedge the coin."""
    coins = [one.coin for one in wish.proxies] or [wish.coin]
    tables: list[UseTable] = wish.table.use or [usual_use(reading, coins[0])]
    uses: list[Use] = []
    for coin in coins:
        for number, table in enumerate(tables):
            if _is_of_another(table, coin, coins):
                continue
            loc = _use_loc(reading, wish, number)
            found = read_use(reading, loc, coin, table, wish.table.roll_days, wish.every)
            if found is not None:
                if _is_named(found[0], uses):
                    where = reading.problems.place(loc)
                    reading.warn(f"{where} names {found[0].rule} once more; it counts once")
                    continue
                uses.append(found[0])
                settles.setdefault(found[0].account, set()).add(found[1].settle)
                paid = paid_fees(reading, *found)
                wish.fees = wish.fees or paid
                wish.sells.append(_sold(reading, found[0], found[1], paid))
        if all(_is_of_another(table, coin, coins) for table in tables):
            reading.add(
                (*wish.loc, "use"),
                f"none of them is on {coin}, which is a proxy too; add a contract on it, or write "
                f'use = "inverse perpetual"',
            )
    return tuple(uses)


def _sold(reading: Reading, use: Use, contract: Contract, fees: Fees | None) -> TradedContract:
    """A contract as the policy of its hedge is told of it.

    Args: use: as the mandate names it; contract: one that it means; fees: that its account pays,
    None: those of the contract.
    """
    venue = reading.accounts[use.account].venue
    return traded(f"{venue}:{use.rule}", use.roll_days, contract, fees or contract.fees)


def _is_named(use: Use, before: list[Use]) -> bool:
    """Whether an entry of `use` means what one before it does; days count where a rule rolls."""
    same = [one for one in before if (one.account, one.rule) == (use.account, use.rule)]
    return any("@" not in use.rule or one.roll_days == use.roll_days for one in same)


def _is_of_another(table: UseTable, coin: str, coins: list[str]) -> bool:
    """Whether an entry of `use` names a contract on another coin of several."""
    base = counted(table.contract.partition("/")[0])[0]
    return base != coin and base in coins


def _proxied_uses(
    reading: Reading, wish: _Wish, own: dict[str, _Wish], settles: dict[str, set[str]]
) -> tuple[Use, ...]:
    """What a proxied hedge trades: its own `use`, else that of the hedges on its proxies."""
    if wish.table.use is not None:
        return _read_uses(reading, wish, settles)
    uses: list[Use] = []
    for proxy, _ in wish.proxies:
        if proxy not in own:
            reading.add(
                (*wish.loc, "use"),
                f"is missing, and there is no hedge on its proxy {proxy} to take it from; write "
                f'use = [{{ account = "…", contract = "inverse perpetual" }}] or add a [[hedge]] '
                f"on {proxy}",
            )
            continue
        uses += own[proxy].use
        wish.sells += own[proxy].sells
        wish.fees = wish.fees or own[proxy].fees
        if own[proxy].use:
            reading.note(f"{wish.coin}: trades what the hedge on its proxy {proxy} trades")
        else:
            reading.warn(
                f"{wish.coin} cannot be hedged: its proxy {proxy} has no contract to trade"
            )
    return tuple(uses)


def _checked_policy(reading: Reading, wish: _Wish) -> Policy:
    """The policy of one table; what the limits will not allow is a warning."""
    policy = read_policy(reading, wish.loc, wish.table)
    limits = reading.tables.limits
    for line in policy.doubts(limits.min_ratio, limits.max_ratio):
        reading.warn(f"{reading.problems.place(wish.loc)}: {line}")
    return policy


def warn_ratio(reading: Reading, loc: Loc, ratio: float) -> None:
    """Warn of a ratio that the limits will clamp."""
    limits = reading.tables.limits
    warning = held_words(ratio, limits.min_ratio, limits.max_ratio)
    if warning is not None:
        reading.warn(f"{reading.problems.place(loc)}: {warning}")


def _hedge(reading: Reading, wish: _Wish, policy: Policy) -> Hedge:
    """The hedge on one coin, with a note on what was not said."""
    table, coin, policy = wish.table, wish.coin, policy.traded(wish.sells)
    band = hedge_band(reading, wish.loc, coin, table, policy, wish.fees)
    limits = reading.tables.limits
    for line in policy.notes(coin, limits.min_ratio, limits.max_ratio):
        reading.note(line)
    _note_proxies(reading, wish)
    _check_fitted(reading, wish, policy)
    return Hedge(
        underlying=coin,
        policy=policy,
        base=table.effective_base,
        coins=table.coins,
        proxies=wish.proxies,
        betas=wish.betas,
        band=band,
        use=wish.use,
        roll_slice=table.roll_slice,
    )


def _check_fitted(reading: Reading, wish: _Wish, policy: Policy) -> None:
    """A ratio found from a contract is traded on that coin's contracts, with no beta beside it."""
    other = policy.fitted_on(wish.coin)
    if other in (None, wish.coin):
        return
    if other not in (name for name, _ in wish.proxies):
        wanted = f'write a contract on {wish.coin}, or proxy = "{other}"'
        reading.add(
            (*wish.loc, "contract"),
            f"the ratio would be that of {other}, which this hedge does not trade; {wanted}",
        )
    elif wish.betas is not None or wish.proxies != ((other, 1.0),):
        reading.add(
            (*wish.loc, "contract"),
            f"the ratio found from a contract on {other} is its beta already, so another would "
            f'count twice; write proxy = "{other}" without beta and betas',
        )


def _note_proxies(reading: Reading, wish: _Wish) -> None:
    """Say what of the proxies was not said, or will not be done."""
    named, limits = wish.table.proxy or {}, reading.tables.limits
    if wish.coin in named:
        reading.note(f"{wish.coin}: hedged with its own contracts, as the proxy of the others")
        return
    for name, beta in named.items():
        if beta is None and wish.table.beta is None and wish.betas is None:
            reading.note(f"{wish.coin}: beta 1 to {name}, none was given")
        if beta == 0.0:
            reading.note(f"{wish.coin}: beta 0 to {name}, so it is left out")
    for name, beta in wish.proxies:
        if beta < 0.0 and not may_be_long(limits.allow_long, limits.min_ratio):
            reading.warn(
                f"{wish.coin}: beta {beta:g} to {name} asks for a long of {name}, and futures are "
                f"never net long; write allow_long = true in [limits] to let them be"
            )
