"""The verb for a hedge in one line: coins in, what to do out, with the plan it is of."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from volsculpt.contracts.catalog import Catalog, load_catalog
from volsculpt.errors import MandateError, PriceError
from volsculpt.mandate.coin_text import spelled
from volsculpt.mandate.given import request_of
from volsculpt.mandate.init import render_mandate
from volsculpt.mandate.load import parse_mandate
from volsculpt.mandate.quick import HedgeRequest, coins_given, quick_answers
from volsculpt.mandate.toml_text import number_text
from volsculpt.market.place import data_place
from volsculpt.market.quotes import PRICES, by_name, checked_price
from volsculpt.report.hedge import QuickHedge
from volsculpt.report.plan import Plan
from volsculpt.report.rows.hedge_build import hedge_rows
from volsculpt.report.rows.hedge_inputs import FundingRange, HedgeInputs, SaleProposal, shocks_of
from volsculpt.report.rows.hedge_steps import lacking_coins
from volsculpt.simulate.scenario import SHOCKS
from volsculpt.units import DAY_NS, MomentLike, iso, iso_day
from volsculpt.verbs import now_ns, plan, planned_ns

__all__ = ["HedgeRequest", "quick_hedge"]


SPARE = 2.0  # of coins that are lacking so much is counted as there: what is added later too


@dataclass(frozen=True, slots=True)
class _Market:
    """What prices are taken of: those given, and with `root` those stored at `time_ns`."""

    time_ns: int
    root: Path | None
    prices: dict[str, float] | None
    funding: dict[str, float] | None

    def plan(self, text: str, fall: float) -> Plan:
        """The plan of a mandate's text at these prices, by a hand that sends order after order."""
        mandate = parse_mandate(text)
        return plan(
            replace(mandate, catalog=mandate.catalog.without_largest_orders()),
            time_ns=self.time_ns if self.root is None else None,
            prices=self.prices,
            funding=self.funding,
            at=None if self.root is None else self.time_ns,
            data=self.root,
            shocks=sorted({*SHOCKS, *shocks_of(fall)}),
        )


def quick_hedge(
    coins: str | Mapping[str, float],
    *,
    request: HedgeRequest | None = None,
    prices: dict[str, float] | None = None,
    funding: dict[str, float] | None = None,
    time_ns: MomentLike | None = None,
    at: MomentLike | None = None,
    data: str | Path | None = None,
) -> QuickHedge:
    """What to do about the price risk of coins, what it costs, when to lift it, what can go wrong.

    Args: coins owned ("1.3 ETH 0.2 BTC", or by name); request how (default: all of it, for 30 days,
    at bybit); prices, funding: as `plan` takes them; time_ns planned for, where no stored prices
    are used (default: now); at the moment of stored prices, data their folder (data alone: the end
    of what is stored). Raises what `plan` raises.
    """
    request = request_of(request, HedgeRequest)
    catalog = load_catalog()
    owned = spelled(coins_given(coins), catalog)
    market = _market(owned, prices, funding, time_ns, at, data)
    text = _text(catalog, owned, request, market)
    found = market.plan(text, request.fall)
    _need_dated_prices(found)
    until_ns = _until(catalog, request, market, found)
    late, extra_usd = _completed(catalog, owned, request, market, found)
    beside = None
    if request.lock is not None:
        perpetual = replace(request, lock=None)
        beside = market.plan(_text(catalog, owned, perpetual, market), request.fall)
        beside, _ = _completed(catalog, owned, perpetual, market, beside)
    inputs = HedgeInputs(
        request=request,
        coins=owned,
        catalog=catalog,
        time_ns=market.time_ns,
        until_ns=until_ns,
        past=_past(market, found, until_ns),
        price_age_days=_age(market),
        prices_given=list(market.prices or {}),
        mandate=text,
        perpetual=beside,
        extra_usd=extra_usd,
        sale=_sale(catalog, owned, request, market, found),
    )
    return QuickHedge(hedge_rows(late, inputs), found)


def _market(
    owned: Mapping[str, float],
    prices: dict[str, float] | None,
    funding: dict[str, float] | None,
    time_ns: MomentLike | None,
    at: MomentLike | None,
    data: str | Path | None,
) -> _Market:
    """The prices to plan with. Args: as `quick_hedge` takes them; owned: coins by name."""
    moment = planned_ns(time_ns, at)
    if at is None and data is None:
        return _Market(now_ns() if moment is None else moment, None, prices, funding)
    if at is None and moment is not None:
        raise PriceError(
            "time_ns: it goes with prices that are given; at names the moment of stored ones"
        )
    root = data_place(data).root
    if moment is not None:
        return _Market(moment, root, prices, funding)
    from volsculpt.contracts.currencies import moves
    from volsculpt.market.funding_past import prices_end_ns

    priced = by_name(prices, "prices", PRICES)
    lacking = [coin for coin in owned if moves(coin) and coin not in priced]
    end = prices_end_ns(root, lacking) if lacking else None
    return _Market(end if end is not None else now_ns(), root, prices, funding)


def _text(
    catalog: Catalog, owned: Mapping[str, float], request: HedgeRequest, market: _Market
) -> str:
    """The mandate, as it would be written. Args: owned: coins by name; the rest as above."""
    given = [
        f"{name}={number_text(checked_price(name, price, 'prices'))}"
        for name, price in by_name(market.prices, "prices", PRICES).items()
        if name.isprintable()
    ]
    return render_mandate(quick_answers(catalog, owned, request, market.time_ns), given)


def _completed(
    catalog: Catalog,
    owned: Mapping[str, float],
    request: HedgeRequest,
    market: _Market,
    found: Plan,
) -> tuple[Plan, float]:
    """(the plan once coins that are lacking are there, and more to add later; their worth in USD).

    Args: found: the plan without them; the rest as above.
    """
    extra = {coin: SPARE * held for coin, held in lacking_coins(found).items()}
    if not extra:
        return found, 0.0
    whole = {coin: owned.get(coin, 0.0) + extra.get(coin, 0.0) for coin in (*owned, *extra)}
    late = market.plan(_text(catalog, whole, request, market), request.fall)
    return late, sum(held * late.index_usd[coin] for coin, held in extra.items())


def _sale(
    catalog: Catalog,
    owned: Mapping[str, float],
    request: HedgeRequest,
    market: _Market,
    found: Plan,
) -> SaleProposal | None:
    """The plan once coins are sold for all the money that is lacking; None: that does not do.

    What was to be hedged stays what it was, and what is sold of it needs no hedge. Args: as above.
    """
    sales = [step.sold for step in found.next_steps if step.lacking > 0.0]
    if not sales or None in sales:
        return None
    sold, brought = dict[str, float](), lacking_coins(found)
    for step in found.next_steps:
        if step.sold is not None and step.lacking > 0.0:
            sold[step.sold.coin] = sold.get(step.sold.coin, 0.0) + step.sold.coins
            brought[step.currency] += step.sold.brings - step.lacking
    left = {coin: owned.get(coin, 0.0) - sold.get(coin, 0.0) for coin in (*owned, *sold)}
    left |= {money: owned.get(money, 0.0) + held for money, held in brought.items()}
    if min(left.values()) < 0.0:
        return None
    counted = quick_answers(catalog, owned, request, market.time_ns).counted
    answers = quick_answers(catalog, left, request, market.time_ns)
    text = render_mandate(replace(answers, counted=counted))
    return SaleProposal(sold, brought, market.plan(text, request.fall))


def _need_dated_prices(found: Plan) -> None:
    """Raise PriceError for a dated contract without a price of its own: its price is the lock."""
    lacking = [
        row.contract
        for row in found.carry
        if row.days_to_expiry is not None and row.basis_annual is None
    ]
    if lacking:
        flags = " ".join(f"--price {key}=PRICE" for key in lacking)
        raise PriceError(
            f"no price for {' and '.join(lacking)}, and that price is what is locked in: add "
            f"{flags} (as the venue shows it), or --data FOLDER where it is stored"
        )


def _until(catalog: Catalog, request: HedgeRequest, market: _Market, found: Plan) -> int:
    """When the hedge ends, ns UTC. Args: as above; found: the plan, whose contracts may expire."""
    if request.lock is not None:
        keys = [row.contract.partition(":") for row in found.carry]
        ends = [catalog.get(venue, symbol).expiry_ns or 0 for venue, _, symbol in keys]
        return max(ends)
    until = request.until_ns
    if until is None:
        return market.time_ns + request.length_ns
    if until <= market.time_ns:
        raise MandateError(
            f"--until {iso(until)}: is not after {iso(market.time_ns)}, the moment planned for; "
            f"name a later day"
        )
    return until


def _past(market: _Market, found: Plan, until_ns: int) -> dict[str, FundingRange]:
    """Low and high of the funding of each perpetual, where enough of it is stored."""
    if market.root is None:
        return {}
    from volsculpt.market.funding_past import funding_past

    ranges: dict[str, FundingRange] = {}
    for row in found.carry:
        past = None
        if row.days_to_expiry is None:
            length = until_ns - market.time_ns
            past = funding_past(market.root, row.contract, market.time_ns, length)
        if past is not None:
            ranges[row.contract] = FundingRange(past.low, past.high, iso_day(past.from_ns))
    return ranges


def _age(market: _Market) -> float | None:
    """Days since the moment of stored prices, by the clock; None where prices were given."""
    return None if market.root is None else max(0.0, (now_ns() - market.time_ns) / DAY_NS)
