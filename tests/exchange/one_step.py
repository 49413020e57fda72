"""One step of an exchange in plain lists, for books made by hand."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from tests.factories import wealth_of
from volsculpt.book.flatten import Flat, flatten
from volsculpt.book.holdings import Book, Transfer
from volsculpt.book.state import Quote, State
from volsculpt.contracts.spec import Contract
from volsculpt.exchange.events import CAUSES, EventPage, new_page
from volsculpt.exchange.reprice import reprice
from volsculpt.exchange.rows import Bar, Exchange, Pending, Step, Terms, new_bar, new_pending
from volsculpt.exchange.step import advance


@dataclass
class Venue:
    """A flat book, what is on its way, its costs, and what happened: all steps on one long page."""

    flat: Flat
    pending: Pending
    terms: Terms
    page: EventPage
    bar: Bar
    prices: Step
    moved: dict[str, float] = field(default_factory=dict)  # US dollars by prices, by cause

    @property
    def state(self) -> State:
        """What is held now."""
        return self.flat.state

    @property
    def at(self) -> Exchange:
        """What the exchange's functions take."""
        return Exchange(self.flat.layout, self.state, self.pending, self.terms, self.page)

    def wallet(self, account: str, asset: str, posted_to: str | None = None) -> float:
        """Coins of one asset in one account."""
        return self.state.wallet[self.wallet_row(account, asset, posted_to)]

    def wallet_row(self, account: str, asset: str, posted_to: str | None = None) -> int:
        """Its row."""
        for row, label in enumerate(self.flat.wallets):
            if (label.account, label.asset, label.posted_to) == (account, asset, posted_to):
                return row
        raise AssertionError(f"no wallet {account} {asset}")

    def order(self, leg: int, contracts: float, due: int = 0) -> None:
        """An order on its way."""
        self.pending.order[leg] = contracts
        self.pending.order_due[leg] = due
        self.state.working[leg] = contracts
        self.state.slot[leg] = 1

    def open_at(self, index: dict[str, float], marks: Sequence[float]) -> None:
        """The next step starts at these prices and stays there, unless told otherwise."""
        start = quote_of(self.flat, index, marks)
        for place in (self.prices.opened, self.prices.closed):
            copy_quote(start, place)
        for leg, mark in enumerate(marks):
            self.bar.trade[leg] = mark
            self.bar.high_mark[leg] = self.bar.low_mark[leg] = mark
            self.bar.funding[leg] = self.bar.delivery[leg] = 0.0
        for wallet in range(len(self.flat.wallets)):
            self.bar.flow[wallet] = 0.0

    def close_at(self, index: dict[str, float], marks: Sequence[float]) -> None:
        """Where the step ends."""
        copy_quote(quote_of(self.flat, index, marks), self.prices.closed)

    def step(self, number: int = 0) -> None:
        """Let it happen."""
        self.add_moved(self.prices.before, self.prices.opened)
        advance(self.at, self.bar, self.prices, number)
        self.add_moved(self.prices.opened, self.prices.closed)
        copy_quote(self.prices.closed, self.prices.before)

    def wealth(self) -> float:
        """US dollars at the prices last valued at."""
        return wealth_of(self.flat, self.state, self.prices.before)

    def add_moved(self, before: Quote, after: Quote) -> None:
        """What a move of prices adds to wealth."""
        found = reprice(self.flat.layout, self.state, before, after)
        for cause, usd in zip(("spot", "futures", "basis"), found, strict=True):
            self.moved[cause] = self.moved.get(cause, 0.0) + usd

    def usd(self, cause: str) -> float:
        """US dollars that a cause has added: by prices, and by events."""
        total = self.moved.get(cause, 0.0)
        for row in range(self.page.used[0]):
            for kind, column in CAUSES[cause]:
                if self.page.event_kind[row] == kind:
                    total += getattr(self.page, f"event_{column}")[row]
        return total

    def count(self, kind: int) -> int:
        """How often something happened."""
        return self.page.event_kind[: self.page.used[0]].count(kind)  # type: ignore[attr-defined,no-any-return]

    def told(self) -> float:
        """US dollars that all causes together have added."""
        return sum(self.usd(cause) for cause in CAUSES)


def copy_quote(source: Quote, target: Quote) -> None:
    """Write one quote over another."""
    target.index_usd[:] = source.index_usd
    target.mark[:] = source.mark


def quote_of(flat: Flat, index: dict[str, float], marks: Sequence[float]) -> Quote:
    """Prices by name and by leg; a currency that is not named is a dollar."""
    return Quote([index.get(name, 1.0) for name in flat.currencies], list(marks))


def terms_of(flat: Flat, **changed: float) -> Terms:
    """Costs of a venue, none unless told otherwise: taker, half_spread, slippage, delivery_fee."""
    legs, groups = len(flat.legs), len(flat.groups)
    first = len(flat.wallets) - groups
    home = flat.layout.group_currency
    return Terms(
        taker=[changed.get("taker", 0.0)] * legs,
        half_spread=[changed.get("half_spread", 0.0)] * legs,
        slippage=[changed.get("slippage", 0.0)] * legs,
        delivery_fee=[changed.get("delivery_fee", 0.0)] * legs,
        order_delay=int(changed.get("order_delay", 0)),
        transfer_delay=[int(changed.get("transfer_delay", 0))] * groups,
        transfer_cost=[changed.get("transfer_cost", 0.0)] * groups,
        transit_wallet=[first + group for group in range(groups)],
        move_currency=[row if row >= 0 else 0 for row in home],
    )


def venue_of(
    book: Book,
    index: dict[str, float],
    marks: Sequence[float],
    extra: Sequence[tuple[str, Contract]] = (),
    **costs: float,
) -> Venue:
    """A book standing at these prices, with a place on the way to each of its groups."""
    bare = flatten(book, extra)
    empty = tuple(Transfer(label.currency, 0.0, label.account) for label in bare.groups)
    flat = flatten(replace(book, transfers=empty), extra)
    start = quote_of(flat, index, marks)
    places = Step(*[Quote(list(start.index_usd), list(start.mark)) for _ in range(4)])
    pending, bar = new_pending(flat.layout), new_bar(flat.layout)
    venue = Venue(
        flat,
        pending,
        terms_of(flat, **costs),
        new_page(20 * len(flat.legs), 20 * len(flat.wallets), 20 * len(flat.groups), 8, 0),
        bar,
        places,
    )
    venue.open_at(index, marks)
    return venue
