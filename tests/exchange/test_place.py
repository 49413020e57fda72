"""Sending what was decided: orders get a due step, coins leave now and arrive later."""

from dataclasses import dataclass

import pytest

from tests.exchange.one_step import Venue, venue_of
from tests.factories import account, fixed, inverse, vault
from volsculpt.book.holdings import Book, Position
from volsculpt.decide.build import build_rules
from volsculpt.decide.limits import CollateralPlan, Limits
from volsculpt.decide.rules import Answer, Rules, new_answer
from volsculpt.exchange.events import CANCELLED, ORDERED, POSTED, SENT
from volsculpt.exchange.place import place
from volsculpt.exchange.rows import NOT_DUE

PERPETUAL = inverse()
BOOK = Book(
    (
        vault("first", BTC=0.3),
        vault("second", BTC=2.0),
        account("coinm", {"BTC": 1.0}, (Position(PERPETUAL, -30_000.0, 60_000.0),)),
    )
)


@dataclass
class Desk:
    """A venue with rules and an answer to send."""

    venue: Venue
    rules: Rules
    answer: Answer

    def send(self, step: int = 0) -> None:
        """Put the answer into effect."""
        venue = self.venue
        place(venue.at, venue.prices.closed, self.rules, self.answer, step)

    def coins(self) -> list[float]:
        """BTC in the two vaults, in the account, and on the way."""
        at = [self.venue.wallet(name, "BTC") for name in ("first", "second", "coinm")]
        return [*at, self.venue.state.wallet[self.venue.terms.transit_wallet[0]]]


def desk(sources: tuple[str, ...] = ("first", "second"), **costs: float) -> Desk:
    """The book at 60,000 with a plan to move coins at 0.001 BTC a transfer."""
    venue = venue_of(BOOK, {"BTC": 60_000.0}, [60_000.0], transfer_cost=0.001, **costs)
    plan = CollateralPlan(sources, cost=0.001)
    legs = [[("coinm", PERPETUAL, False)]]
    rules = build_rules(venue.flat, BOOK, [fixed()], legs, Limits(), [plan], 0)
    return Desk(venue, rules, new_answer(venue.flat.layout, rules))


def test_a_top_up_takes_from_the_sources_in_order() -> None:
    """0.5 asked: 0.299 of the first, 0.201 of the second, each pays its transfer."""
    one = desk(transfer_delay=2)
    one.answer.top_up[0] = 0.5
    one.send(step=3)
    assert one.coins() == pytest.approx([0.0, 1.798, 1.0, 0.5], abs=1e-12)
    assert one.venue.state.incoming[0] == pytest.approx(0.5)
    assert one.venue.pending.transfer_due[0] == 6
    assert one.venue.usd("transfers") == pytest.approx(-0.002 * 60_000.0)


def test_coins_arrive_after_their_delay() -> None:
    """Sent at the end of step 0 with a delay of 2: margin from the end of step 2, owned always."""
    one = desk(transfer_delay=2)
    before = one.venue.wealth()
    one.answer.top_up[0] = 0.5
    one.send()
    seen = []
    for step in range(1, 5):
        one.venue.step(step)
        seen.append((one.coins()[2], one.venue.state.incoming[0]))
    assert seen == [(1.0, 0.5)] + [(1.5, 0.0)] * 3
    assert one.coins()[3] == 0.0
    assert one.venue.wealth() - before == pytest.approx(-0.002 * 60_000.0, abs=1e-9)


def test_a_release_reaches_the_first_source() -> None:
    """0.4 leaves the account, 0.399 arrives; the cost is gone at once."""
    one = desk(transfer_delay=1)
    before = one.venue.wealth()
    one.answer.top_up[0] = -0.4
    one.send()
    assert one.coins() == pytest.approx([0.3, 2.0, 0.6, 0.399], abs=1e-12)
    one.venue.step(0)
    assert one.coins() == pytest.approx([0.3, 2.0, 0.6, 0.399], abs=1e-12)
    one.venue.step(1)
    assert one.coins() == pytest.approx([0.699, 2.0, 0.6, 0.0], abs=1e-12)
    assert one.venue.wealth() - before == pytest.approx(-60.0, abs=1e-9)
    assert one.venue.told() == pytest.approx(-60.0, abs=1e-9)


def test_a_release_is_told_less_its_cost_and_lands_where_it_was_sent() -> None:
    """To the second vault where that alone is a source; what is under way is negative till then."""
    one = desk(("second",), transfer_delay=1)
    one.answer.top_up[0] = -0.4
    one.send()
    page = one.venue.page
    assert (page.event_kind[0], page.event_row[0]) == (SENT, 0)
    assert page.event_size[0] == pytest.approx(-0.399, abs=1e-12)
    assert one.venue.state.incoming[0] == page.event_size[0]
    one.venue.step(1)
    assert one.coins() == pytest.approx([0.3, 2.399, 0.6, 0.0], abs=1e-12)


def test_nothing_decided_is_nothing_done() -> None:
    """No event, no coin, no order: not for a cross account, nor where a transfer would cost."""
    one = desk(transfer_delay=1)
    before = repr((one.venue.state, one.venue.pending))
    one.send(step=3)
    assert repr((one.venue.state, one.venue.pending)) == before
    assert one.venue.page.used[0] == 0


def test_a_group_has_one_transfer_at_a_time() -> None:
    """What is asked for while coins are on their way waits for the next decision."""
    for asked in (0.5, -0.4):
        one = desk(transfer_delay=3)
        one.answer.top_up[0] = 0.2
        one.send()
        before = repr((one.venue.state, one.venue.pending, one.venue.page))
        one.answer.top_up[0] = asked
        one.send(step=1)
        assert repr((one.venue.state, one.venue.pending, one.venue.page)) == before


def test_empty_sources_send_nothing() -> None:
    """A source that cannot pay its transfer is left alone, and nothing is due."""
    one = desk()
    for name in ("first", "second"):
        one.venue.state.wallet[one.venue.wallet_row(name, "BTC")] = 0.001
    one.answer.top_up[0] = 0.5
    one.send()
    assert one.coins() == [0.001, 0.001, 1.0, 0.0]
    assert one.venue.pending.transfer_due[0] == NOT_DUE
    assert one.venue.usd("transfers") == 0


def test_an_order_is_due_at_the_next_open_or_later() -> None:
    """Decided at the end of step 4: due at step 5, with a delay of 3 at step 8."""
    due = []
    for delay in (0, 3):
        one = desk(order_delay=delay)
        one.answer.trade[0] = -100.0
        one.send(step=4)
        due.append(one.venue.pending.order_due[0])
        assert (one.venue.state.working[0], one.venue.state.slot[0]) == (-100.0, 1)
    assert due == [5, 8]


@pytest.mark.parametrize("contracts", [-100.0, 1.0, 0.5])
def test_an_order_that_leaves_is_told_with_its_reason(contracts: float) -> None:
    """Its contracts, the code of its leg, and no price: it has none yet."""
    one = desk()
    one.answer.trade[0], one.answer.leg_code[0] = contracts, 7
    one.send()
    page = one.venue.page
    assert one.venue.pending.order[0] == contracts
    assert (page.used[0], page.event_kind[0], page.event_row[0]) == (1, ORDERED, 0)
    assert (page.event_size[0], page.event_code[0], page.event_price[0]) == (contracts, 7, 0.0)


def test_a_cancel_takes_the_order_back() -> None:
    """A cancelled order never fills, and its slot is free again."""
    one = desk()
    one.venue.order(0, -500.0, due=1)
    one.answer.cancel[0] = 1
    one.send()
    page = one.venue.page
    assert (page.used[0], page.event_kind[0], page.event_size[0]) == (1, CANCELLED, -500.0)
    one.send()
    assert page.used[0] == 1  # nothing was left to take back
    one.venue.step(1)
    assert one.venue.state.contracts[0] == -30_000.0
    assert (one.venue.state.working[0], one.venue.state.slot[0]) == (0.0, 0)


@pytest.mark.parametrize(
    ("wanted", "posted"), [(0.05, 0.05), (0.4, 0.3), (-0.1, -0.1), (-0.5, -0.2), (0.0, 0.0)]
)
@pytest.mark.parametrize("last", [True, False])
def test_what_an_account_posts_of_its_own_is_told_to_the_coin(
    wanted: float, posted: float, last: bool
) -> None:
    """Of 0.3 free and 0.2 posted no more than is there moves, and nothing is told of nothing."""
    held = Position(PERPETUAL, -6_000.0, 60_000.0, margin=0.2)
    other = account("other", {"BTC": 0.5}, (Position(PERPETUAL, -6_000.0, 60_000.0),))
    both = (other, account("coinm", {"BTC": 0.5}, (held,), mode="isolated"))
    book = Book(both if last else both[::-1])
    venue = venue_of(book, {"BTC": 60_000.0}, [60_000.0, 60_000.0])
    legs = [[("other", PERPETUAL, False), ("coinm", PERPETUAL, False)]]
    rules = build_rules(venue.flat, book, [fixed()], legs, Limits(), [], 0)
    one = Desk(venue, rules, new_answer(venue.flat.layout, rules))
    group = [label.account for label in venue.flat.groups].index("coinm")
    one.answer.post[group] = wanted
    one.send()
    told = [row for row in range(venue.page.used[0]) if venue.page.event_kind[row] == POSTED]
    assert [venue.page.event_size[row] for row in told] == (
        [pytest.approx(posted)] if posted else []
    )
    assert [venue.page.event_row[row] for row in told] == [group] * len(told)
    assert venue.wallet("other", "BTC") == 0.5
    assert venue.wallet("coinm", "BTC") == pytest.approx(0.3 - posted)
    assert venue.wallet("coinm", "BTC", PERPETUAL.symbol) == pytest.approx(0.2 + posted)
    assert [(venue.page.event_price[row], venue.page.event_usd[row]) for row in told] == [
        (0.0, 0.0)
    ] * len(told)
