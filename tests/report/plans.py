"""Plans made by hand, and random ones, so that what shows a plan is tested alone."""

import dataclasses

from hypothesis import strategies as st

from volsculpt.report.plan import Plan
from volsculpt.report.rows.plan import (
    CarryRow,
    Curve,
    DecisionRow,
    ExposureRow,
    Liquidation,
    MarginRow,
    OrderRow,
    ScenarioRow,
    TransferRow,
)
from volsculpt.watch.danger import DangerRow

SHOCKS = (-0.5, -0.3, -0.2, -0.1, 0.0, 0.1, 0.2, 0.3, 0.5, 1.0)
CLOSED_AT = 79_600.0
GROUP = Liquidation("coinm", "BTC", CLOSED_AT)


def order(**changed: object) -> OrderRow:
    """Sell 87,692 contracts: the treasury's first step to a full hedge."""
    made = OrderRow(
        action="place",
        account="coinm",
        venue="bybit",
        contract="BTC/USD:BTC",
        side="sell",
        contracts=87_692,
        face_usd=87_692,
        reference_price=60_000,
        fee=0.00080384,
        fee_currency="BTC",
        reduce_only=False,
        held_contracts=-20_000,
        target_contracts=-107_692,
        residual_usd=69_231.08,
    )
    return dataclasses.replace(made, **changed)  # type: ignore[arg-type]


def margin(stage: str = "after", **changed: object) -> MarginRow:
    """The coin-margined account of the treasury."""
    made = MarginRow(
        stage="after",
        account="coinm",
        group="BTC",
        currency="BTC",
        equity_coin=0.44791411,
        maintenance_coin=0.00897433,
        leverage=4.00715,
        liquidation_price=79_603.1264,
        venue_liquidation_price=79_603.1264,
        liquidation_distance=0.3267188,
        top_up_coin=0.53418803,
        source="vault",
    )
    before = {
        "stage": "before",
        "equity_coin": 0.44871795,
        "maintenance_coin": 0.00166667,
        "leverage": 0.742857,
        "liquidation_price": None,
        "venue_liquidation_price": None,
        "liquidation_distance": None,
        "top_up_coin": 0.0,
        "source": None,
    }
    return dataclasses.replace(made, **((before if stage == "before" else {}) | changed))  # type: ignore[arg-type]


def exposure(currency: str = "BTC", **changed: object) -> ExposureRow:
    """The bitcoin of the treasury."""
    made = ExposureRow(
        currency=currency,
        owned_coin=2.94871795,
        equity_coin=0.44871795,
        futures_coin=-0.33333333,
        delta_coin=2.61538462,
        delta_usd=156_923.0769,
        base_coin=2.94871795,
        held_ratio=0.11304348,
        unhedgeable_usd=0.0,
    )
    return dataclasses.replace(made, **changed)  # type: ignore[arg-type]


def wealth(shock: float) -> tuple[float, float]:
    """(hedged, unhedged) wealth of the treasury after a move of all coins."""
    unhedged = 2.94871795 * 60_000 * (1.0 + shock)
    if 60_000 * (1.0 + shock) > CLOSED_AT:
        return 2.5 * 60_000 * (1.0 + shock), unhedged
    return unhedged - 107_692 * shock, unhedged


def scenario(shock: float) -> ScenarioRow:
    """One row of the treasury's scenarios."""
    hedged, unhedged = wealth(shock)
    closed = [GROUP] if 60_000 * (1.0 + shock) > CLOSED_AT else []
    return ScenarioRow(shock, hedged, unhedged, hedged - unhedged, closed)


def curve() -> Curve:
    """The treasury's wealth from -60 % to +120 %."""
    edge = CLOSED_AT / 60_000 - 1.0
    shocks = sorted({*(n / 50 for n in range(-30, 61)), edge - 1e-9, edge + 1e-9})
    found = [wealth(shock) for shock in shocks]
    return Curve(
        shocks, [one[0] for one in found], [one[1] for one in found], [(edge, "coinm BTC")]
    )


def treasury(**changed: object) -> Plan:
    """The BTC part of a treasury: an order, coins to move, a liquidation price."""
    made = Plan(
        as_of="2024-05-20T08:00:00Z",
        name="treasury",
        numeraire="USD",
        wealth_usd=176_923.0769,
        wealth_num=176_923.0769,
        warnings=[
            (
                "assumed_mark: bybit:BTC/USD:BTC has no price of its own, so its mark is the index "
                "60000; give --price bybit:BTC/USD:BTC=60000"
            ),
        ],
        exposure=[exposure(), exposure_in_dollars()],
        decision=[btc_decision()],
        orders=[order()],
        margin=[margin("before"), margin("after")],
        carry=[CarryRow("bybit:BTC/USD:BTC", 0.1095, None, None, 32.31)],
        scenarios=[scenario(shock) for shock in SHOCKS],
        notes=["[[hedge]] BTC: band { trigger = 0.05, settle = 0.02 }"],
        curve=curve(),
        index_usd={"BTC": 60_000.0, "USD": 1.0},
        ticks={"coinm:BTC": 0.1},
    )
    return dataclasses.replace(made, **changed)  # type: ignore[arg-type]


def exposure_in_dollars() -> ExposureRow:
    """What a coin-margined short is long of."""
    return exposure(
        "USD",
        owned_coin=0.0,
        equity_coin=0.0,
        futures_coin=20_000.0,
        delta_coin=20_000.0,
        delta_usd=20_000.0,
        base_coin=None,
        held_ratio=None,
    )


def btc_decision() -> DecisionRow:
    """From 11 % to a full hedge, capped by a limit."""
    return DecisionRow(
        underlying="BTC",
        policy="fixed",
        target_ratio=1.0,
        held_ratio=0.11304348,
        stance="market neutral",
        reasons=[
            "you asked for 100 %",
            "keeps 100 % of what you own hedged; trades as price moves; base = 'coins' would not",
            "11.3 % is hedged now, 100 % is the target: outside the no-trade band (5 %)",
            "max_leverage 4 and min_liquidation_distance 25 % allow 60.87 % with what has arrived",
            "the rest follows when the coins to be moved have arrived",
        ],
    )


def empty() -> Plan:
    """A mandate without coins, accounts or hedges."""
    return Plan("2024-05-20T08:00:00Z", "nothing", "USD", 0.0, 0.0, [], [], [], [], [], [], [])


def many_coins() -> Plan:
    """Ten currencies, two venues, long names, loans, a release, a cancel, huge and tiny figures."""
    names = ["BTC", "ETH", "SOL", "DOGE", "1000PEPE", "XRP", "ADA", "USDT", "USDC", "USD"]
    sizes = [16_666.6666, -120_000.5, 3e6, 4.2e9, 1e-9, 0.25, -12.5, 250e6, -1e9, 0.004]
    rows = [
        exposure(name, owned_coin=size, delta_coin=size, delta_usd=size * 3, held_ratio=None)
        for name, size in zip(names, sizes, strict=True)
    ]
    long_name = "the-operations-account-of-the-northern-subsidiary-at-the-exchange"
    far = margin("after", account=long_name, group="ETH/USDT:USDT", currency="USDT")
    far = dataclasses.replace(far, top_up_coin=-125_000_000.55, source="cold-wallet-number-one")
    return treasury(
        name="A treasury with quite a long name, written out in full by its owner",
        numeraire="EUR",
        wealth_usd=1_234_567_890.4,
        wealth_num=1_143_118_417.03,
        exposure=rows,
        orders=[
            order(action="cancel", contracts=1, fee=None, account=long_name),
            order(side="buy", reduce_only=True, fee=None, residual_usd=-4_000_000.2),
        ],
        margin=[margin("before"), margin("after"), far],
        decision=[btc_decision(), dataclasses.replace(btc_decision(), underlying="ETH")],
        carry=[
            CarryRow("deribit:BTC/USD:BTC-241227", None, 0.0831, 220.96, 1_250.0),
            CarryRow("bybit:ETH/USDT:USDT", None, None, None, None),
            CarryRow("bybit:DOGE/USDT:USDT", -0.0001, None, None, -0.004),
        ],
    )


# --- random plans ---------------------------------------------------------------------

numbers = st.one_of(
    st.floats(-1e9, 1e9, allow_nan=False),
    st.sampled_from([0.0, -0.0, 1e-12, -1e-9, 1e12, 999.999, 0.005, 1_000.0]),
)
positive = st.floats(1e-9, 1e9, allow_nan=False)
maybe = st.none() | numbers
names = st.text(min_size=1, max_size=70) | st.sampled_from(
    ["coinm", "[bold]x[/]", "保管庫", "a\x1b[31m"]
)
sentences = st.lists(st.text(max_size=200) | st.just("w" * 150), max_size=4)


def _rows(kind: type, **fields: st.SearchStrategy[object]) -> st.SearchStrategy[list[object]]:
    return st.lists(st.builds(kind, **fields), max_size=4)


closed = st.builds(Liquidation, account=names, group=names, price=positive)

plans: st.SearchStrategy[Plan] = st.builds(
    Plan,
    as_of=st.just("2024-05-20T08:00:00Z") | names,
    name=names,
    numeraire=st.sampled_from(["USD", "EUR", "BTC"]),
    wealth_usd=numbers,
    wealth_num=numbers,
    warnings=sentences,
    exposure=_rows(
        ExposureRow,
        currency=names,
        owned_coin=numbers,
        equity_coin=numbers,
        futures_coin=numbers,
        delta_coin=numbers,
        delta_usd=numbers,
        base_coin=maybe,
        held_ratio=maybe,
        unhedgeable_usd=numbers,
    ),
    decision=_rows(
        DecisionRow,
        underlying=names,
        policy=names,
        target_ratio=numbers,
        held_ratio=maybe,
        stance=st.sampled_from(["net long", "market neutral", "net short"]),
        reasons=sentences,
    ),
    orders=_rows(
        OrderRow,
        action=st.sampled_from(["place", "cancel"]),
        account=names,
        venue=names,
        contract=names,
        side=st.sampled_from(["buy", "sell"]),
        contracts=positive,
        face_usd=positive,
        reference_price=positive,
        fee=maybe,
        fee_currency=names,
        reduce_only=st.booleans(),
        held_contracts=numbers,
        target_contracts=numbers,
        residual_usd=numbers,
    ),
    margin=_rows(
        MarginRow,
        stage=st.sampled_from(["before", "after"]),
        account=names,
        group=names,
        currency=names,
        equity_coin=numbers,
        maintenance_coin=numbers,
        leverage=maybe,
        liquidation_price=st.none() | positive,
        venue_liquidation_price=st.none() | positive,
        liquidation_distance=st.none() | st.floats(0, 1e9),
        top_up_coin=numbers,
        source=st.none() | names,
        liquidation_contract=st.none() | names,
        liquidation_coin=st.none() | names,
        liquidation_move=maybe,
    ),
    carry=_rows(
        CarryRow,
        contract=names,
        funding_annual=maybe,
        basis_annual=maybe,
        days_to_expiry=st.none() | positive,
        hold_usd_per_day=maybe,
    ),
    scenarios=_rows(
        ScenarioRow,
        shock_ratio=st.floats(-1, 5),
        hedged_usd=numbers,
        unhedged_usd=numbers,
        futures_usd=numbers,
        liquidated=st.lists(closed, max_size=3),
    ),
    notes=sentences,
    index_usd=st.dictionaries(names, positive, max_size=3),
    transfers=_rows(
        TransferRow,
        account=names,
        group=names,
        currency=names,
        coins=positive,
        from_=st.none() | names,
        to=names,
    ),
    dangers=_rows(
        DangerRow,
        level=st.sampled_from(["critical", "warning"]),
        stage=st.sampled_from(["now", "after_orders"]),
        account=names,
        group=names,
        currency=names,
        coins=positive,
        leverage=positive,
        liquidation_move=maybe,
        text=names,
    ),
    ticks=st.dictionaries(names, st.sampled_from([0.1, 0.5, 1.0, 1e-5]), max_size=3),
)
