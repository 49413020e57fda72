"""The rows of a book: who is where, what is behind whom, and what no row is made for."""

from dataclasses import replace

import pytest

from tests.factories import account, inverse, linear, quanto, vault
from volsculpt.book.flatten import Flat, WalletLabel, flatten, group_of, with_fees
from volsculpt.book.holdings import (
    Account,
    Book,
    NotOwn,
    OwnFees,
    Position,
    Sweep,
    Transfer,
    WorkingOrder,
    Wrapped,
)
from volsculpt.book.state import SLOT_BUSY, SLOT_FREE, SLOT_UNKNOWN
from volsculpt.contracts.spec import Contract, Fees
from volsculpt.errors import BookError

BTC, ETH, STABLE = inverse(), inverse("ETH"), linear()
SHORT = Position(BTC, -6_000.0, 60_000.0)


def wallets(flat: Flat) -> dict[WalletLabel, tuple[str, float, int]]:
    """Currency, coins and group of every wallet by its label."""
    layout = flat.layout
    assert len(set(flat.wallets)) == len(flat.wallets) == layout.wallets
    return {
        label: (
            flat.currencies[layout.wallet_currency[row]],
            flat.state.wallet[row],
            layout.wallet_group[row],
        )
        for row, label in enumerate(flat.wallets)
    }


def legs(flat: Flat) -> list[tuple[str, str]]:
    """Account and symbol of every leg."""
    return [(where, one.symbol) for where, one in flat.legs]


def test_each_account_has_its_coins_and_each_coin_its_group() -> None:
    """Of a cross account by what contracts settle in; a unified one holds all; cold ones none."""
    cross = account(
        "cross", {"BTC": 1.0, "ETH": 5.0, "XRP": 7.0}, (SHORT, Position(ETH, -1.0, 3e3))
    )
    unified = account(
        "uni", {"ETH": 2.0, "USDT": 9.0}, (Position(STABLE, -1.0, 6e4),), mode="unified"
    )
    flat = flatten(Book((vault(BTC=3.0), cross, vault("other", ETH=4.0), unified)))
    assert [(one.account, one.group) for one in flat.groups] == [
        ("cross", "BTC"),
        ("cross", "ETH"),
        ("uni", "unified"),
    ]
    assert wallets(flat) == {
        WalletLabel("vault", "BTC"): ("BTC", 3.0, -1),
        WalletLabel("cross", "BTC"): ("BTC", 1.0, 0),
        WalletLabel("cross", "ETH"): ("ETH", 5.0, 1),
        WalletLabel("cross", "XRP"): ("XRP", 7.0, -1),
        WalletLabel("other", "ETH"): ("ETH", 4.0, -1),
        WalletLabel("uni", "ETH"): ("ETH", 2.0, 2),
        WalletLabel("uni", "USDT"): ("USDT", 9.0, 2),
    }
    homes = [flat.currencies[row] if row >= 0 else "" for row in flat.layout.group_currency]
    assert homes == ["BTC", "ETH", ""]
    rows = flat.layout.legs
    assert (list(rows.group), list(rows.cash_wallet)) == ([0, 1, 2], [1, 2, 6])
    assert list(rows.free_wallet) == list(rows.posted_wallet) == [-1, -1, -1]


def test_an_isolated_account_posts_out_of_its_balance() -> None:
    """Each position has a wallet of its own, and is a group of its own; the rest is free."""
    held = (replace(SHORT, margin=0.2), Position(ETH, 30.0, 3_000.0, leverage=4.0))
    one = account("iso", {"BTC": 0.7, "ETH": 0.5}, held, mode="isolated", leverage=3.0)
    flat = flatten(Book((vault(BTC=1.0), one)))
    assert wallets(flat) == {
        WalletLabel("vault", "BTC"): ("BTC", 1.0, -1),
        WalletLabel("iso", "BTC"): ("BTC", pytest.approx(0.5), -1),
        WalletLabel("iso", "ETH"): ("ETH", pytest.approx(0.4975), -1),
        WalletLabel("iso", "BTC", posted_to=BTC.symbol): ("BTC", 0.2, 0),
        WalletLabel("iso", "ETH", posted_to=ETH.symbol): ("ETH", 0.0025, 1),
    }
    rows = flat.layout.legs
    assert (list(rows.cash_wallet), list(rows.free_wallet)) == ([1, 2], [1, 2])
    assert list(rows.posted_wallet) == [3, 4]
    assert [one.group for one in flat.groups] == [BTC.symbol, ETH.symbol]


@pytest.mark.parametrize(
    ("posted", "lacking", "is_refused"),
    [
        (0.05, 5e-10, False),
        (0.05, 1.5e-9, True),
        (1e6, 1e-4, False),
        (1e6, 1e-2, True),
        (0.0, 0.5, False),
    ],
)
def test_a_balance_covers_what_is_posted_but_for_noise(
    posted: float, lacking: float, is_refused: bool
) -> None:
    """A billionth of it, or of a coin; a loan where nothing is posted is no contradiction."""
    lines = (replace(SHORT, margin=posted),) if posted else ()
    book = Book((account("iso", {"BTC": posted - lacking}, lines, mode="isolated"),))
    if is_refused:
        with pytest.raises(BookError, match="post more BTC than its balance holds"):
            flatten(book, [("iso", BTC)])
    else:
        state = flatten(book, [("iso", BTC)]).state
        assert list(state.wallet) == [pytest.approx(-lacking, abs=1e-9), posted]


@pytest.mark.parametrize(
    ("held", "of_account", "leverage"),
    [
        (None, None, 1.0),
        (None, 5.0, 5.0),
        (replace(SHORT, leverage=2.0), 5.0, 2.0),
        (replace(SHORT, margin=0.025), 5.0, 5.0),
        (replace(SHORT, margin=0.025), None, 4.0),  # 0.1 BTC on 0.025
        (replace(SHORT, margin=0.4), None, 1.0),
        (replace(SHORT, margin=0.0), None, 1.0),
    ],
)
def test_an_isolated_leg_is_set_to_a_leverage(
    held: Position | None, of_account: float | None, leverage: float
) -> None:
    """As its position says, its account, or what it posted; never under 1, capped by limits."""
    lines = (held,) if held is not None else ()
    one = account("iso", {"BTC": 1.0}, lines, mode="isolated", leverage=of_account)
    extra = [("iso", BTC)]
    rows = flatten(Book((one,)), extra).layout.legs
    assert (list(rows.leverage), list(rows.open_distance)) == ([pytest.approx(leverage)], [0.0])
    for cap in (1.5, 9.0, None):
        rows = flatten(Book((one,)), extra, caps=lambda *_, cap=cap: (cap, 0.3)).layout.legs
        wanted = min(leverage, cap) if cap is not None else leverage
        assert (list(rows.leverage), list(rows.open_distance)) == ([pytest.approx(wanted)], [0.3])


def test_what_limits_say_is_asked_for_each_leg() -> None:
    """By account and contract."""
    asked = []

    def caps(where: str, contract: Contract) -> tuple[float | None, float]:
        asked.append((where, contract.symbol))
        return None, 0.0

    flat = flatten(Book((account("one", {}, (SHORT,)), account("two"))), [("two", ETH)], caps=caps)
    assert asked == legs(flat) == [("one", BTC.symbol), ("two", ETH.symbol)]


def test_every_contract_that_is_held_worked_or_asked_for_has_one_row() -> None:
    """In this order, and each once; of another account's contracts none."""
    order = WorkingOrder("a", ETH, 2.0, "acked")
    one = account(
        "one", {}, (SHORT,), orders=(order,), not_own=(NotOwn(STABLE, 5.0, 6e4), NotOwn(quanto()))
    )
    extra = [("one", ETH), ("two", quanto()), ("one", BTC), ("one", inverse("SOL"))]
    flat = flatten(Book((one, account("two"))), extra)
    assert legs(flat) == [
        ("one", BTC.symbol),
        ("one", STABLE.symbol),
        ("one", ETH.symbol),
        ("one", "SOL/USD:SOL"),
        ("two", quanto().symbol),
    ]
    assert [flat.leg(*leg) for leg in flat.legs] == [0, 1, 2, 3, 4]
    assert (flat.leg("two", BTC), flat.leg("one", quanto())) == (-1, -1)
    assert list(flat.state.contracts) == [-6_000.0, -5.0, 0.0, 0.0, 0.0]
    assert list(flat.state.others) == [0.0, 5.0, 0.0, 0.0, 0.0]


def test_orders_at_work_are_summed_by_contract() -> None:
    """Their slot is busy, and unknown where the outcome of any is."""
    said = [
        (BTC, -500.0, "acked"),
        (BTC, -200.0, "sent"),
        (ETH, 3.0, "unknown"),
        (ETH, 1.0, "sent"),
    ]
    orders = tuple(WorkingOrder(str(n), *one) for n, one in enumerate(said))  # type: ignore[arg-type]
    one = account("one", {}, (SHORT, Position(STABLE, 1.0, 6e4)), orders=orders)
    other = account("two", {}, (SHORT,))
    flat = flatten(Book((one, other)))
    assert legs(flat)[:3] == [("one", each.symbol) for each in (BTC, STABLE, ETH)]
    assert list(flat.state.working) == [-700.0, 0.0, 4.0, 0.0]
    assert list(flat.state.slot) == [SLOT_BUSY, SLOT_FREE, SLOT_UNKNOWN, SLOT_FREE]


# --- coins that are not a balance ------------------------------------------------------------


@pytest.mark.parametrize("said", ["bonus", "not_own_coins"])
@pytest.mark.parametrize("mode", ["cross", "unified", "isolated"])
def test_coins_that_are_not_owned_back_the_groups_of_their_currency(said: str, mode: str) -> None:
    """All of them a unified account, each its own cross group, none an isolated position."""
    lines = (replace(SHORT, margin=0.1), Position(ETH, 3.0, 3_000.0, margin=0.1))
    bare = account("one", {"BTC": 1.0, "ETH": 9.0}, lines, mode=mode)
    rich = replace(bare, name="two", **{said: {"BTC": 0.25, "ETH": 4.0}})
    for accounts in ((bare, rich), (rich, bare)):
        flat = flatten(Book(accounts))
        column = getattr(flat.state, "bonus" if said == "bonus" else "others_coins")
        for row, label in enumerate(flat.groups):
            has = label.account == "two" and mode != "isolated"
            for place, currency in enumerate(flat.currencies):
                coins = {"BTC": 0.25, "ETH": 4.0}.get(currency, 0.0)
                backs = has and label.currency in ("USD", currency)
                assert column[row * len(flat.currencies) + place] == (coins if backs else 0.0)
        assert len(column) == len(flat.groups) * len(flat.currencies)


@pytest.mark.parametrize("said", ["bonus", "not_own_coins"])
def test_coins_that_back_nothing_need_no_price(said: str) -> None:
    """XRP beside no contract that settles in it, or beside none at all, has no row."""
    backing = {said: {"XRP": 50.0}}
    cross = account("one", {"BTC": 1.0}, (SHORT,), **backing)
    idle = account("two", {"BTC": 1.0}, mode="unified", **backing)
    assert "XRP" not in flatten(Book((cross, idle))).currencies
    backed = account("three", {"BTC": 1.0}, (SHORT,), mode="unified", **backing)
    assert "XRP" in flatten(Book((cross, idle, backed))).currencies


def test_an_asset_that_stands_for_another_is_counted_in_coins_of_it() -> None:
    """10 stETH at 1.2 are 12 ETH, at their own weight or whole; so are those on their way."""
    weights = {"stETH": 0.7, "BTC": 0.9}
    one = account(
        "one",
        {"stETH": 10.0, "BTC": 1.0, "wBTC": 2.0},
        (SHORT,),
        mode="unified",
        collateral_weights=weights,
    )
    sent = Transfer("stETH", 5.0, "vault", is_sent=False)
    stand = {"stETH": Wrapped("ETH", 1.2), "wBTC": Wrapped("BTC", 0.5)}
    flat = flatten(Book((vault(), one), wrapped=stand, transfers=(sent,)))
    assert wallets(flat) == {
        WalletLabel("one", "stETH"): ("ETH", 12.0, 0),
        WalletLabel("one", "BTC"): ("BTC", 1.0, 0),
        WalletLabel("one", "wBTC"): ("BTC", 1.0, 0),
        WalletLabel("vault", "stETH", in_transit=True, is_sent=False): ("ETH", 6.0, -1),
    }
    assert list(flat.layout.wallet_wrapped) == [1, 0, 1, 1]
    assert list(flat.layout.wallet_weight) == [0.7, 0.9, 1.0, 1.0]
    held = dict(zip(flat.currencies, flat.layout.group_weight, strict=True))
    assert held == {"ETH": 1.0, "BTC": 0.9, "USD": 1.0}


def test_coins_on_their_way_back_nothing_yet() -> None:
    """They have a row of their own beside the balance that they go to, and no group."""
    one = account("one", {"BTC": 1.0}, (SHORT,))
    flat = flatten(Book((one,), transfers=(Transfer("BTC", 0.5, "one"), Transfer("ETH", 2.0, "x"))))
    assert wallets(flat) == {
        WalletLabel("one", "BTC"): ("BTC", 1.0, 0),
        WalletLabel("one", "BTC", in_transit=True): ("BTC", 0.5, -1),
        WalletLabel("x", "ETH", in_transit=True): ("ETH", 2.0, -1),
    }
    assert list(flat.state.incoming) == [0.0]
    assert list(flat.state.known) == [1] * len(flat.currencies)


def test_rows_are_made_for_what_may_come() -> None:
    """Currencies by name, places by account and asset; what is empty and not asked for has none."""
    one = account("one", {"BTC": 1.0, "DOGE": 0.0}, (SHORT,))
    book = Book((vault(ETH=0.0), one))
    flat = flatten(
        book, extra_currencies=("SOL",), wallet_keys=[("vault", "ETH"), ("nobody", "XRP")]
    )
    assert flat.currencies == ["ETH", "BTC", "USD", "SOL"]
    assert [flat.currency(name) for name in flat.currencies] == [0, 1, 2, 3]
    assert list(wallets(flat)) == [WalletLabel("vault", "ETH"), WalletLabel("one", "BTC")]


# --- funding, fees ---------------------------------------------------------------------------


def swept(book: Book) -> list[tuple[str, str, float]]:
    """Where the funding of each leg goes, and what that costs."""
    flat = flatten(book)
    rows = flat.layout.legs
    labels = [flat.wallets[row] for row in rows.funding_wallet]
    return [
        (one.account, one.asset, cost) for one, cost in zip(labels, rows.sweep_cost, strict=True)
    ]


def test_funding_goes_where_its_sweep_says() -> None:
    """Sold or as it is, of one account or of all; without a sweep it stays."""
    one = account("one", {"BTC": 1.0}, (SHORT, Position(ETH, 1.0, 3e3)))
    two = account("two", {"USDT": 9.0}, (Position(STABLE, 1.0, 6e4),))
    book = Book((vault(), one, two))
    stays = [("one", "BTC", 0.0), ("one", "ETH", 0.0), ("two", "USDT", 0.0)]
    assert swept(book) == stays
    sold = Sweep("vault", "USD", "one", 0.002)
    gone = [("vault", "USD", 0.002)] * 2
    assert swept(replace(book, sweeps=(sold,))) == [*gone, stays[2]]
    kept = Sweep("vault", account="two", cost=0.001)
    whole = replace(book, sweeps=(Sweep("two"), kept, sold))
    assert swept(whole) == [*gone, ("vault", "USDT", 0.001)]
    every = [("two", "BTC", 0.0), ("two", "ETH", 0.0), ("two", "USDT", 0.0)]
    assert swept(replace(book, sweeps=(Sweep("two"),))) == every


def test_each_leg_pays_the_fees_of_its_account() -> None:
    """Before any discount ends in the book itself; at a time as they are then, for every leg."""
    cheap = OwnFees(taker=0.001, discount=0.5, until_ns=100)
    one, two = account("one", {}, (SHORT, Position(ETH, 1.0, 3e3))), account("two", {}, (SHORT,))
    nothing_known = replace(BTC, fees=Fees())
    flat = flatten(Book((replace(one, fees=cheap), two)))
    assert list(flat.layout.legs.taker) == [0.0005, 0.0005, 0.0005]
    assert list(with_fees(flat, 99).layout.legs.taker) == [0.0005, 0.0005, 0.0005]
    assert list(with_fees(flat, 100).layout.legs.taker) == [0.001, 0.001, 0.0005]
    unknown = replace(flat, legs=[("elsewhere", nothing_known), *flat.legs[1:]])
    assert list(with_fees(unknown, 100).layout.legs.taker) == [0.0, 0.001, 0.0005]


def test_groups_are_named_by_what_they_share() -> None:
    """The whole account, a settle currency, or one contract."""

    def of(one: Account) -> tuple[str, str, str, tuple[str, ...]]:
        label = group_of(one, STABLE)
        return label.account, label.group, label.currency, label.weighed

    weights = {"BTC": 0.9, "USDT": 1.0}
    assert of(account("a", mode="cross")) == ("a", "USDT", "USDT", ())
    assert of(account("b", mode="isolated")) == ("b", STABLE.symbol, "USDT", ())
    unified = account("c", mode="unified", collateral_weights=weights)
    assert of(unified) == ("c", "unified", "USD", ("BTC", "USDT"))
