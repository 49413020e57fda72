"""Streams: what of a market is observed, one figure at a time, by name. Free of tables.

A stream says what a fold over observations is fed. Each observation has the time it was known:
nothing of a stream is known before its own.

    kind     of            figure                                    known
    index    BTC           US dollars                                its stamp, a bar's end
    bars     BTC           a `WholeBar` of `every_ns`                its end
    funding  venue:symbol  rate a year (365 days), + when longs pay  its stamp
    basis    venue:symbol  mark, else last, over fair price, less 1  its stamp, a bar's end
    series   fear_greed    the figure, in the unit of its series     when it was published
    pair     SOL by a key  a `PricePair` of coin and contract        its stamp, a bar's end
    paid     venue:symbol  a `PaidFunding`, of `every_ns` added up   its stamp, a stretch's end
    forward  a rule        a `ForwardPrice` of what the rule means   its stamp, a bar's end
"""

from collections.abc import Iterable
from typing import Literal, NamedTuple, get_args

from volsculpt.errors import PolicyError
from volsculpt.market.times import interval_text

StreamKind = Literal["index", "bars", "funding", "basis", "series", "pair", "paid", "forward"]
PAYING: tuple[StreamKind, ...] = ("funding", "paid")  # kinds made from stored funding
OF_CONTRACT: tuple[StreamKind, ...] = (*PAYING, "basis")  # kinds that are of one contract
BY = " by "  # between the coin and the contract of a pair
ROLLED = " rolled at "  # between a rule and the days before expiry at which it takes the next
KINDS: tuple[StreamKind, ...] = get_args(StreamKind)


class Stream(NamedTuple):
    """One stream. of: a coin (index, bars), a contract (funding, basis), a name (series), both.

    every_ns: 0, all observations; else the last one of each such stretch of time, known at its
    end: the stretches lie on multiples of it since 1970, so days begin at midnight UTC.
    """

    kind: StreamKind
    of: str
    every_ns: int = 0

    @property
    def text(self) -> str:
        """As `stream_of` reads it. Worked: "funding:bybit:BTC/USD:BTC"."""
        return f"{self.kind}:{self.of}"

    @property
    def words(self) -> str:
        """In messages. Worked: "funding of bybit:BTC/USD:BTC", "1d bars of BTC"."""
        if self.kind == "series":
            return self.of
        often = f"{interval_text(self.every_ns)} " if self.every_ns else ""
        plural = {"index": "prices", "pair": "prices", "paid": "funding"}.get(self.kind, self.kind)
        plural = "premium" if self.kind == "forward" else plural
        return f"{often}{plural} of {self.of}"


class WholeBar(NamedTuple):
    """One stretch of time of a coin's index, nothing missing inside. Prices in US dollars.

    volume_coin: None where the source has none. squares: sum of the squared log returns of the
    stored bars inside, the first from its own open: the realised variance of the stretch.
    """

    open_usd: float
    high_usd: float
    low_usd: float
    close_usd: float
    volume_coin: float | None
    squares: float


class PaidFunding(NamedTuple):
    """Funding of one payment or of several together: rates added up, + paid to shorts; its hours.

    A rate is a fraction of a position's value. Worked: three of 0.0001 by 8 hours: 0.0003 of 24.
    """

    rate: float
    hours: float


class ForwardPrice(NamedTuple):
    """A dated contract at one moment: its key, when it is delivered (ns UTC), its premium.

    premium: its mark, else its last price, over the fair price of its coin, less 1.
    """

    key: str
    expiry_ns: int
    premium: float


class PricePair(NamedTuple):
    """A coin and a contract at one moment, both in US dollars for one coin of theirs."""

    spot_usd: float
    mark_usd: float


def pair_stream(coin: str, key: str, every_ns: int = 0) -> Stream:
    """A coin beside a contract. Worked: "BTC by bybit:BTC/USD:BTC"."""
    return Stream("pair", f"{coin}{BY}{key}", every_ns)


def pair_of(text: str) -> tuple[str, str]:
    """The coin and the contract of such a stream's `of`."""
    coin, _, key = text.partition(BY)
    return coin, key


def forward_stream(rule: str, roll_days: float, every_ns: int = 0) -> Stream:
    """What a rule for dated contracts means. Worked: "bybit:BTC/USD:BTC@quarter rolled at 7".

    Args: rule: venue and rule, or "venue:symbol" of one dated contract; roll_days: days before
    expiry at which a rule takes the next; every_ns: as of every stream.
    """
    return Stream("forward", f"{rule}{ROLLED}{roll_days:g}", every_ns)


def forward_of(text: str) -> tuple[str, float]:
    """The rule and its roll_days of such a stream's `of`."""
    rule, _, days = text.partition(ROLLED)
    return rule, float(days or 0.0)


def dated_by(rule: str, keys: Iterable[str]) -> list[str]:
    """The dated contracts among some that a rule can mean; a contract means itself.

    Worked: "bybit:BTC/USD:BTC@quarter" of "bybit:BTC/USD:BTC-241227" and of the perpetual: the
    first.
    """
    pair, at, _ = rule.partition("@")
    return [one for one in keys if one == rule or (at and one.startswith(f"{pair}-"))]


def stream_of(text: str) -> Stream:
    """The stream of its text. Worked: "series:fear_greed" -> Stream("series", "fear_greed").

    Raises PolicyError for a kind that there is not, or without a name behind it.
    """
    kind, colon, name = text.partition(":")
    if kind not in KINDS or not colon or not name:
        raise PolicyError(
            f"{text!r} is no stream; write KIND:NAME with a kind of {', '.join(KINDS)}, for "
            f"example funding:bybit:BTC/USD:BTC"
        )
    return Stream(kind, name)
