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
"""

from typing import Literal, NamedTuple, get_args

from volsculpt.errors import PolicyError
from volsculpt.market.times import interval_text

StreamKind = Literal["index", "bars", "funding", "basis", "series", "pair"]
BY = " by "  # between the coin and the contract of a pair
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
        plural = {"index": "prices", "pair": "prices"}.get(self.kind, self.kind)
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
