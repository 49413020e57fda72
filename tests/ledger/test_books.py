"""What events add up to: positions, coins, orders, transfers, and what comes twice."""

from dataclasses import replace
from typing import Any

import pytest

from tests.ledger.samples import (
    PERPETUAL,
    START_NS,
    TERMS,
    decision,
    filled,
    funding,
    intended,
    stated,
    transfer,
)
from volsculpt.errors import LedgerError
from volsculpt.ledger.events import (
    Acknowledged,
    Alerted,
    CashBooked,
    Converted,
    Event,
    FlowBooked,
    Operated,
    Submitted,
)
from volsculpt.ledger.ledger import Ledger, open_ledger
from volsculpt.ledger.postings import Posting, check_balanced

LEG = ("coinm", PERPETUAL)
CONVERTED = Converted("x", "vault", "BTC", 0.05, "USD", 2_500.0, START_NS)


def after(*events: Event) -> Ledger:
    """A ledger in memory with these events, one a commit."""
    ledger = open_ledger("memory:")
    for n, event in enumerate(events):
        ledger.append([event], START_NS + n)
    return ledger


def lines(ledger: Ledger, seq: int) -> list[tuple[str, str, float]]:
    """The postings of one event."""
    return [row[2:] for row in ledger.store.postings(seq) if row.seq == seq]


def test_a_worked_trade() -> None:
    """Sell 10,000 at 50,000, buy 4,000 at 40,000: +0.02 coins, cost -0.12, entry 50,000."""
    ledger = after(filled("a"), filled("b", 4_000.0, price=40_000.0, fee=0.0))
    held = ledger.books.positions[LEG]
    assert (held.contracts, round(held.cost, 12), round(held.entry, 6)) == (-6_000.0, -0.12, 50_000)
    assert ledger.books.balances["coinm", "BTC"] == pytest.approx(0.02 - 0.0001, abs=1e-15)
    assert [(account, commodity) for account, commodity, _ in lines(ledger, 2)] == [
        ("assets:coinm:contracts", PERPETUAL),
        ("equity:contracts", PERPETUAL),
        ("assets:coinm:BTC", "BTC"),
        ("income:trading", "BTC"),
    ]


def test_profit_that_the_venue_states_is_booked_as_stated() -> None:
    """With the fill, or as cash of its own where fills are not told; contracts are as traded."""
    told = CashBooked("p", "coinm", "BTC", 0.003, "profit", START_NS, PERPETUAL)
    ledger = after(filled("a"), filled("b", 4_000.0, fee=0.0, realised=-0.001), told)
    assert ledger.books.positions[LEG].contracts == -6_000.0
    assert lines(ledger, 2)[-1] == ("income:trading", "BTC", 0.001)
    assert lines(ledger, 3)[-1] == ("income:trading", "BTC", -0.003)
    assert ledger.books.balances["coinm", "BTC"] == pytest.approx(-0.0001 - 0.001 + 0.003)


def test_coins_that_are_converted_change_their_kind_alone() -> None:
    """0.05 BTC go and 2,500 USD come, against one account; a fee is cash beside it."""
    ledger = after(CONVERTED)
    assert lines(ledger, 1) == [
        ("assets:vault:BTC", "BTC", -0.05),
        ("equity:conversions", "BTC", 0.05),
        ("assets:vault:USD", "USD", 2_500.0),
        ("equity:conversions", "USD", -2_500.0),
    ]


def test_a_liquidation_pays_its_fee_to_another_account() -> None:
    """What a liquidation costs is told apart from the fees of trades."""
    ledger = after(filled("a", reason="liquidation"))
    assert ("expenses:liquidation", "BTC", 0.0001) in lines(ledger, 1)


def test_funding_received_is_income() -> None:
    """A short is paid a positive rate: coins come in, income is negative as in double entry."""
    ledger = after(funding(coins=0.00002))
    assert lines(ledger, 1) == [
        ("assets:coinm:BTC", "BTC", 0.00002),
        ("income:funding", "BTC", -0.00002),
    ]


@pytest.mark.parametrize(
    "event",
    [filled(), funding(), FlowBooked("w", "vault", "BTC", 0.1), CONVERTED],
    ids=lambda e: e.KIND,
)
def test_what_comes_twice_is_booked_once(event: Event) -> None:
    """The same lot, cash or flow again is recognised, and changes nothing if it is appended."""
    once, twice = after(event), after(event, event)
    assert not open_ledger("memory:").books.is_booked(event)
    assert once.books.is_booked(event)
    assert twice.books == once.books
    assert lines(twice, 2) == []


def test_the_same_lot_of_another_account_is_another() -> None:
    """Venues number lots within an account."""
    ledger = after(filled("a"), filled("a", account="other"))
    assert ledger.books.positions["other", PERPETUAL].contracts == -10_000.0


# --- orders ---------------------------------------------------------------------------

SENT = (intended(), Submitted("c1"))
PART = filled("a", -4_000.0, client_id="c1")


@pytest.mark.parametrize(
    ("events", "state", "filled_contracts"),
    [
        ((), "intended", 0.0),
        ((Submitted("c1"),), "sent", 0.0),
        ((Submitted("c1"), Acknowledged("c1", "unknown", 0.0)), "unknown", 0.0),
        ((Submitted("c1"), Acknowledged("c1", "open", 0.0)), "acked", 0.0),
        ((Submitted("c1"), Acknowledged("c1", "open", -5_000.0)), "partial", -5_000.0),
        ((Submitted("c1"), PART), "partial", -4_000.0),
        ((Submitted("c1"), Submitted("c1", "cancel")), "cancelling", 0.0),
        ((PART, Acknowledged("c1", "cancelled", 0.0)), "done", -4_000.0),
        ((Acknowledged("c1", "rejected", 0.0),), "done", 0.0),
        ((Acknowledged("c1", "absent", 0.0),), "done", 0.0),
    ],
)
def test_the_states_of_an_order(
    events: tuple[Event, ...], state: str, filled_contracts: float
) -> None:
    """Each thing that can happen to an order, and whether it still holds its slot."""
    books = after(intended(), *events).books
    order = books.orders["c1"]
    assert (order.state, order.filled_contracts) == (state, filled_contracts)
    assert books.slots == ({} if state == "done" else {LEG: "c1"})


def test_a_final_answer_stays_final() -> None:
    """An answer after the last one is known already; a late fill is still booked."""
    ledger = after(*SENT, Acknowledged("c1", "cancelled", 0.0), Acknowledged("c1", "open", 0.0))
    assert ledger.books.orders["c1"].state == "done"
    assert ledger.books.is_booked(Acknowledged("c1", "filled", -10_000.0))
    ledger.append([PART], START_NS)
    assert ledger.books.orders["c1"].booked_contracts == -4_000.0
    assert ledger.books.positions[LEG].contracts == -4_000.0
    assert ledger.books.slots == {}


# --- transfers ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("states", "vault", "coinm"),
    [
        (["asked"], None, None),
        (["asked", "sent"], -0.1002, None),
        (["asked", "unknown"], None, None),
        (["asked", "sent", "unknown"], -0.1002, None),
        (["asked", "sent", "arrived"], -0.1002, 0.1),
        (["asked", "arrived"], -0.1002, 0.1),
        (["asked", "sent", "failed"], 0.0, None),
        (["asked", "failed"], None, None),
        (["arrived", "arrived", "failed"], -0.1002, 0.1),
    ],
    ids=lambda one: "-".join(one) if isinstance(one, list) else "",
)
def test_where_the_coins_of_a_transfer_are(
    states: list[str], vault: float | None, coinm: float | None
) -> None:
    """They leave when sent, are there when arrived, come back when failed, and never twice."""
    ledger = after(*(transfer(state) for state in states))
    balances = ledger.books.balances
    for account, coins in (("vault", vault), ("coinm", coinm)):
        found = balances.get((account, "BTC"))
        assert found == (None if coins is None else pytest.approx(coins, abs=1e-15))
    moved = [row.amount for row in ledger.store.postings(1) if row.account == "assets:transit"]
    on_the_way = ledger.books.transfers["t1"].alive and vault is not None
    assert sum(moved) == (pytest.approx(0.1002) if on_the_way else 0.0)


def test_an_arrival_of_fewer_coins_costs_the_rest() -> None:
    """When less arrives than was meant, what is missing is an expense."""
    ledger = after(transfer("sent"), transfer("arrived", coins=0.09))
    assert ledger.books.balances["coinm", "BTC"] == pytest.approx(0.09)
    costs = [amount for account, _, amount in lines(ledger, 2) if account == "expenses:transfers"]
    assert costs == [pytest.approx(0.0102)]


# --- statements -----------------------------------------------------------------------


def test_a_fresh_ledger_adopts_what_the_venue_holds() -> None:
    """First the books take over all of it, as an opening; a second time it is a difference."""
    position = {PERPETUAL: {"contracts": -20_000.0, "entry": 52_000.0, **TERMS}}
    ledger = after(stated({"BTC": 0.5}, position, cursor="k1"))
    books = ledger.books
    assert books.positions[LEG].entry == pytest.approx(52_000.0)
    assert (books.balances["coinm", "BTC"], books.cursors["coinm"]) == (0.5, "k1")
    assert {account for account, _, _ in lines(ledger, 1)} >= {"equity:opening"}
    ledger.append([stated({"BTC": 0.4}, {})], START_NS)
    assert ledger.books.positions[LEG].contracts == 0.0
    assert ledger.books.cursors["coinm"] == "k1"
    assert {account for account, _, _ in lines(ledger, 2)} >= {"equity:differences"}


def test_a_statement_that_is_not_adopted_moves_nothing() -> None:
    """A difference is seen, and booked only when somebody accepts it."""
    ledger = after(filled(), stated({"BTC": 9.0}, adopted=False))
    assert ledger.books.balances["coinm", "BTC"] == -0.0001
    assert ledger.books.statements["coinm"].balances == {"BTC": 9.0}
    assert lines(ledger, 2) == []


# --- the desk -------------------------------------------------------------------------


def test_what_operators_and_guards_leave_standing() -> None:
    """Pause, override, latches and open alerts stand until they are ended."""
    books = after(
        Operated("pause"),
        Operated("override", {"ratio": 0.8, "until_ns": 5, "underlying": "ETH"}),
        Operated("override", {"ratio": 0.5, "until_ns": 5}),
        Operated("latch", {"latch": "drawdown", "why": "lost 20 %"}),
        Alerted("ratio", "warning", "out of band"),
        Alerted("ratio", "critical", "far out of band"),
    ).books
    assert (books.paused, sorted(books.override)) == (True, ["*", "ETH"])
    assert books.latches == {"drawdown": "lost 20 %"}
    assert (books.alerts["ratio"].level, books.alerts["ratio"].since_ns) == (
        "critical",
        START_NS + 4,
    )


def test_what_operators_and_guards_end() -> None:
    """Resume, an override of nothing, a reset and the end of an alert undo those."""
    books = after(
        Operated("pause"),
        Operated("override", {"ratio": 0.5, "until_ns": 5}),
        Operated("latch", {"latch": "drawdown"}),
        Alerted("ratio", "warning", "out of band"),
        Operated("resume"),
        Operated("override", {"ratio": None}),
        Operated("reset", {"latch": "drawdown"}),
        Alerted("ratio", "info", "", over=True),
    ).books
    assert (books.paused, books.override, books.latches, books.alerts) == (False, {}, {}, {})


def test_a_position_that_was_found_is_a_question_until_it_is_answered_or_closed() -> None:
    """Adopting answers it; so does closing it, by a fill or by a statement that is taken over."""
    taken = stated(positions={PERPETUAL: {"contracts": -20_000.0, "entry": 52_000.0, **TERMS}})
    place = {"account": "coinm", "contract": PERPETUAL}
    found = Operated("found", {**place, "contracts": -20_000.0})
    assert after(taken, found).books.found == {("coinm", PERPETUAL): -20_000.0}
    assert after(taken, found, filled("l1", 5_000.0)).books.found
    for answer in (
        Operated("adopt", place),
        filled("l1", 20_000.0),
        replace(stated(), adopted=True),
    ):
        assert not after(taken, found, answer).books.found
    assert not after(taken, filled("l1", 20_000.0), found).books.found


def test_the_peak_of_wealth_is_kept_until_a_reset() -> None:
    """The highest wealth that a decision saw; a reset begins anew."""
    ledger = open_ledger("memory:")
    seen = decision(ledger)
    for wealth in (90.0, 100.0, 80.0):
        ledger.append([replace(seen, aim_input=seen.aim_input | {"wealth_usd": wealth})], START_NS)
    assert ledger.books.peak_wealth_usd == 100.0
    assert (ledger.books.last_decision_seq, ledger.books.memory) == (3, seen.memory)
    ledger.append([Operated("reset")], START_NS)
    assert ledger.books.peak_wealth_usd is None


# --- what is refused ------------------------------------------------------------------

ODD: list[tuple[Event, str]] = [
    (intended("c1"), "client id c1 has been used"),
    (intended("c2"), "is taken by order c1"),
    (intended("c3", 0.0, account="other"), "0 contracts"),
    (Submitted("c9"), "never intended"),
    (Acknowledged("c9", "open", 0.0), "never intended"),
    (filled(price=0.0), "must be positive"),
    (filled(payoff="square"), "inverse, linear or quanto"),
    (filled("l7", multiplier=10.0), "booked as another kind"),
    (filled(price=float("nan")), "must be positive"),
    (filled(fee=float("nan")), "no NaN or infinity"),
    (CashBooked("x", "coinm", "BTC", 1.0, "gift", 0), "for 'gift'"),  # type: ignore[arg-type]
    (transfer("sent", coins=0.0), "must be positive"),
    (replace(CONVERTED, bought_coins=0.0), "both must be positive"),
    (replace(CONVERTED, bought="BTC"), "are converted to others"),
    (stated(positions={"bybit:X": {"contracts": 1.0, "entry": 2.0}}), "without its payoff"),
    (stated(positions={PERPETUAL: {"contracts": 1.0, "entry": None}}), "no entry price"),
    (Operated("latch"), "names none"),
    (Operated("found", {"account": "coinm"}), "no position that is booked"),
    (Operated("adopt", {"account": "other", "contract": "x"}), "no position that is booked"),
    (Operated("start", {"when": object()}), "plain numbers"),
]


@pytest.mark.parametrize(("event", "why"), ODD, ids=lambda one: one if isinstance(one, str) else "")
def test_what_the_books_cannot_hold_is_refused(event: Event, why: str) -> None:
    """Each refusal says what is wrong, and leaves the ledger as it was."""
    ledger = after(intended("c1"), filled("l0"))
    head = ledger.head
    with pytest.raises(LedgerError, match=why):
        ledger.append([event], START_NS)
    assert (ledger.head, ledger.store.last_seq()) == (head, 2)


def test_postings_that_leave_something_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """An event whose sides do not sum to zero is not written, even by an ulp."""
    with pytest.raises(LedgerError, match="does not balance"):
        check_balanced([Posting("a", "BTC", 0.1), Posting("b", "BTC", -0.1 - 1e-17)], "it")
    ledger = open_ledger("memory:")

    def lopsided(moves: Any) -> list[Posting]:  # noqa: ANN401
        return [Posting("assets:coinm:BTC", "BTC", 1.0)]

    monkeypatch.setattr("volsculpt.ledger.booking.postings_of", lopsided)
    with pytest.raises(LedgerError, match=r"event 1 \(cash\) does not balance"):
        ledger.append([funding()], START_NS)
    assert ledger.store.last_seq() == 0
