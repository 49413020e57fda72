"""Which prices, cash and targets a book's decisions move with: the sides of its boxes."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from volsculpt.book.flatten import Flat
from volsculpt.contracts.margin import TIERS_CONTRACTS
from volsculpt.decide.rules import BASE_WEALTH, Rules
from volsculpt.simulate.edges import Calm, Sides
from volsculpt.simulate.lanes import Array, Room, records
from volsculpt.simulate.market_arrays import Ahead, Market

MOST_BITS = 7  # 128 corners; beyond, deciding at every bar is as cheap


def _families(flat: Flat, rules: Rules) -> list[int]:
    """A family number a currency: coins whose hedges share a decision share a family."""
    own = list(range(len(flat.currencies)))

    def join(*rows: int) -> None:
        first = {own[row] for row in rows}
        for row, family in enumerate(own):
            if family in first:
                own[row] = min(first)

    legs = flat.layout.legs
    for leg in range(len(flat.legs)):
        join(legs.base[leg], legs.settle[leg])
    for group in range(len(flat.groups)):
        members = [leg for leg in range(len(flat.legs)) if legs.group[leg] == group]
        join(*[legs.base[leg] for leg in members])
    for hedge in range(rules.hedges):
        join(rules.hedge_currency[hedge], rules.pool_currency[rules.hedge_pool[hedge]])
        if rules.hedge_base[hedge] == BASE_WEALTH:
            join(*range(len(flat.currencies)))
    return own


def _is_plain(flat: Flat, rules: Rules) -> bool:
    """True when what keeps every decision silent is of the shape that corners prove."""
    legs = flat.layout.legs
    pools = list(rules.hedge_pool)
    proxied = any(
        rules.pool_currency[pool] != rules.hedge_currency[hedge] for hedge, pool in enumerate(pools)
    )
    uneven = rules.min_distance > 0.0 and TIERS_CONTRACTS in legs.margin_kind
    isolated = any(wallet >= 0 for wallet in legs.posted_wallet)
    unified = any(currency < 0 for currency in flat.layout.group_currency)
    shared = len(set(pools)) < len(pools)
    swept = list(legs.funding_wallet) != list(legs.cash_wallet)
    return not (proxied or shared or uneven or isolated or unified or swept)


def _moving(table: Array) -> Array:
    """Per row: whether its numbers ever change, in any step or path."""
    return np.asarray((table != table[:1, :, :1]).any(axis=(0, 2)))


def _numbered(families: Sequence[int]) -> tuple[list[int], int]:
    """(a bit a coordinate, how many bits): families do not meet, so they count each for itself."""
    used: dict[int, int] = {}
    bits = []
    for family in families:
        bits.append(used.get(family, 0))
        used[family] = bits[-1] + 1
    return bits, max(used.values(), default=0)


def _spread(rows: Sequence[int], bits: Sequence[int], count: int) -> list[int]:
    """Bits at their rows, -1 elsewhere."""
    found = [-1] * count
    for row, bit in zip(rows, bits, strict=True):
        found[row] = bit
    return found


def sides_of(flat: Flat, rules: Rules, market: Market, ratios: Array, noted: bool) -> Sides:
    """The coordinates of a run's boxes; none when it is noted, or its book is not plain."""
    legs, owner = flat.layout.legs, _families(flat, rules)
    index = [int(row) for row in np.flatnonzero(_moving(market.close_index))]
    basis = list(range(len(flat.legs)))
    cash = sorted({legs.cash_wallet[leg] for leg in basis})
    ratio = [int(row) for row in np.flatnonzero(_moving(ratios[:, : rules.hedges]))]
    families = [owner[row] for row in index] + [owner[legs.base[leg]] for leg in basis]
    families += [owner[flat.layout.wallet_currency[row]] for row in cash]
    families += [owner[rules.hedge_currency[row]] for row in ratio]
    bits, most = _numbered(families)
    edges = np.cumsum([0, len(index), len(basis), len(cash), len(ratio)])
    parts = [bits[start:end] for start, end in pairwise(edges.tolist())]
    usable = not noted and most <= MOST_BITS and _is_plain(flat, rules)
    return Sides(
        noted=int(noted),
        corners=2**most if usable else 0,
        index_bit=_spread(index, parts[0], len(flat.currencies)),
        basis_bit=_spread(basis, parts[1], len(flat.legs)),
        cash_bit=_spread(cash, parts[2], len(flat.wallets)),
        ratio_bit=_spread(ratio, parts[3], rules.hedges),
        idle_bits=sum(1 << bit for bit in range(most) if bit not in parts[1]),
    )


def _in_time(table: Array) -> Array:
    """(step, row, path) as contiguous (row, path, step)."""
    return np.ascontiguousarray(table.transpose(1, 2, 0))


def _next(events: Array) -> Array:
    """(step, path) booleans as (path, step) numbers of the next step that is true, or the end."""
    steps, paths = events.shape
    numbers = np.where(events, np.arange(steps)[:, None], steps)
    numbers = np.concatenate([numbers, np.full((1, paths), steps)])
    return np.ascontiguousarray(np.minimum.accumulate(numbers[::-1], axis=0)[::-1].T)


def ahead_of(flat: Flat, market: Market, ratios: Array, lanes: int) -> Ahead:
    """The market as resting lanes look ahead in it."""
    legs = flat.layout.legs
    index, mark = _in_time(market.close_index), _in_time(market.close_mark)
    busy = (market.delivery != 0.0).any(axis=1) | (market.flow != 0.0).any(axis=1)
    paid = (market.funding != 0.0).any(axis=1)
    count = np.array(legs.base_count)[:, None, None]
    return Ahead(
        close_index=index,
        close_mark=mark,
        basis=mark * index[list(legs.quote)] / (index[list(legs.base)] * count),
        low_mark=_in_time(market.low_mark),
        high_mark=_in_time(market.high_mark),
        ratio=_in_time(ratios),
        busy=np.ascontiguousarray(busy.T.astype(np.int64)),
        event=_next(busy | paid),
        due=np.zeros(lanes, np.int64),
        read=np.full(index.shape[1], -1),
    )


def no_calm(flat: Flat, rules: Rules) -> Calm:
    """A lane in no box."""
    currencies, legs, wallets = len(flat.currencies), len(flat.legs), len(flat.wallets)
    return Calm(
        flag=[0],
        wait=[0],
        until=[0],
        index_low=[0.0] * currencies,
        index_high=[0.0] * currencies,
        basis_low=[0.0] * legs,
        basis_high=[0.0] * legs,
        mark_low=[0.0] * legs,
        mark_high=[0.0] * legs,
        cash_low=[0.0] * wallets,
        cash_high=[0.0] * wallets,
        cash_kept=[0.0] * wallets,
        ratio_low=[0.0] * rules.hedges,
        ratio_high=[0.0] * rules.hedges,
        asked=[0.0] * rules.hedges,
        gap=[0.0] * rules.hedges,
        gap_above=[0.0] * rules.hedges,
        gap_below=[0.0] * rules.hedges,
        codes=[0] * rules.hedges,
        coins=[0.0] * currencies,
    )


def strictest(rules: Rules, lanes: Array) -> Rules:
    """Rules that ask of boxes all that any lane's own rules ask. lanes: records of rules."""
    return rules._replace(
        hedge_base=lanes["hedge_base"][:, : rules.hedges].max(axis=0).tolist(),
        min_distance=float(lanes["min_distance"].max()),
    )


def rest_arguments(
    flat: Flat, rules: Rules, lanes: Array, room: Room, market: Market, ratios: Array, noted: bool
) -> tuple[Ahead, Array, Array]:
    """The last arguments of the kernel: what lies ahead, the sides of boxes, a box a lane.

    lanes: the records of each lane's own rules.
    """
    sides = sides_of(flat, strictest(rules, lanes), market, ratios, noted)
    calms = records(no_calm(flat, rules), room, len(lanes))
    return ahead_of(flat, market, ratios, len(lanes)), records(sides, room, 1), calms
