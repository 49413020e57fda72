"""Every feature worth a look of one coin: its figure, age, source, and rank in its own past."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from volsculpt.contracts.counted import counted
from volsculpt.contracts.expiries import parse_symbol
from volsculpt.errors import MissingExtra
from volsculpt.hedge.feature import EVER_NS, Feature, Needs
from volsculpt.hedge.features.rank import Rank
from volsculpt.hedge.market_features import Features, features_at
from volsculpt.hedge.refit import Refitted
from volsculpt.hedge.registry import feature_classes
from volsculpt.hedge.stored import observed_for
from volsculpt.market.asof import observations
from volsculpt.market.history import History
from volsculpt.market.labels import Label
from volsculpt.market.lacking import moment_words, not_stored
from volsculpt.market.manifest import Manifest
from volsculpt.market.opening import StoreNames, history_before
from volsculpt.market.series import Series
from volsculpt.market.store import stored
from volsculpt.market.streams import OF_CONTRACT, Stream
from volsculpt.units import DAY_NS


@dataclass(frozen=True, slots=True)
class FeatureFigure:
    """One feature at a moment.

    figure: None where there is none, and `why`. rank: among its first figures of the days of a
    year, from 0 to 1; None with too few of them. available_ns: when its newest observation was
    known. label: what the observations are of. observed_ns: the time that its newest one is of.
    """

    feature: Feature
    figure: float | None
    why: str
    rank: float | None
    available_ns: int | None
    label: Label | None
    observed_ns: int | None = None

    @property
    def name(self) -> str:
        """Name and parameters. Worked: "drawdown, 365 days"."""
        return name_of(self.feature)


@dataclass(frozen=True, slots=True)
class Survey:
    """The features of a coin at time_ns, and the history they were made from."""

    coin: str
    time_ns: int
    figures: tuple[FeatureFigure, ...]
    history: History


def name_of(feature: Feature) -> str:
    """Name and parameters of a feature. Worked: "drawdown, 365 days"."""
    words = feature.words()
    return f"{feature.NAME}, {words}" if words else feature.NAME


def survey(
    root: Path, coin: str, time_ns: int | None = None, index_venue: str | None = None
) -> Survey:
    """The features of a coin at a time, from a store.

    Raises HistoryError when no price of the coin is stored, or none before the time.

    Args: root: folder of the store; coin: its name; time_ns: ns UTC, None: the end of what is
    stored of its index; index_venue: the venue of its index, None: the best that is stored.
    """
    every = stored(root)
    moment = moment_of(every, root, coin, time_ns, index_venue)
    streams = streams_of_coin(every, coin)
    features = usual_features(streams)
    history = _opened(root, streams, moment, index_venue)
    need_price(history, root, coin, moment, index_venue)
    return Survey(coin, moment, all_surveyed(history, coin, features, moment), history)


def moment_of(
    every: Sequence[Manifest],
    root: Path,
    coin: str,
    time_ns: int | None,
    index_venue: str | None = None,
) -> int:
    """A time, or where none is given the end of what is stored of a coin's index.

    Raises HistoryError when no price of the coin is stored.

    Args: every: all that is stored; root: its folder; coin: its name; time_ns: ns UTC; index_venue:
    the venue of its index, None: any.
    """
    ends = [
        one.to_ns
        for one in every
        if (one.role, one.symbol) == ("index", coin) and index_venue in (None, one.venue)
    ]
    if not ends:
        raise not_stored(root, [coin], every, roles=("index",), index_venue=index_venue)
    return max(ends) if time_ns is None else time_ns


def shared_moment(
    root: Path, coins: Sequence[str], time_ns: int | None, index_venue: str | None
) -> int:
    """A time, or where none is given the last at which prices of all of some coins are stored.

    Raises HistoryError when no price of one is stored.

    Args: root: folder of the store; coins: by name; time_ns: ns UTC; index_venue: the venue of
    their indexes, None: any.
    """
    every = stored(root)
    return min(moment_of(every, root, coin, time_ns, index_venue) for coin in coins)


def need_price(
    history: History, root: Path, coin: str, time_ns: int, index_venue: str | None
) -> None:
    """Raise HistoryError where a history has no price of a coin.

    Args: history: opened up to time_ns; root: of the store; coin: its name; time_ns: ns UTC;
    index_venue: the venue of its index, None: any.
    """
    if coin not in history.index:
        when = f"in the two weeks before {moment_words(time_ns)}"
        raise not_stored(root, [coin], stored(root), when, ("index",), index_venue)


def usual_features(streams: Sequence[Stream]) -> list[Feature]:
    """What every kind of feature names as worth a look where there are these streams."""
    return [one for kind in feature_classes().values() for one in kind.usual(streams)]


def all_surveyed(
    history: History, coin: str, features: Sequence[Feature], time_ns: int
) -> tuple[FeatureFigure, ...]:
    """As `surveyed`; without the extra that fits models, those it fits are told to lack it.

    Args: coin: its name; features: those to be told; time_ns: ns UTC.
    """
    try:
        return surveyed(history, coin, features, time_ns)
    except MissingExtra as error:
        fitted = [one for one in features if isinstance(one, Refitted)]
        others = [one for one in features if one not in fitted]
        found = [FeatureFigure(one, None, str(error), None, None, None) for one in fitted]
        return (*surveyed(history, coin, others, time_ns), *found)


def surveyed(
    history: History, coin: str, features: Sequence[Feature], time_ns: int
) -> tuple[FeatureFigure, ...]:
    """Figures of features at a time. Each is folded once, inside its rank.

    Args: coin: its name; features: those to be told; time_ns: ns UTC.
    """
    ranks = [Rank(one) for one in features]
    needs = {coin: tuple(ranks)}
    observed = observed_for(history, needs, [time_ns])
    (figures,) = features_at(observed, needs, [time_ns])
    found = []
    for rank in ranks:
        rows = observed[rank.stream(coin)]
        figure = ranked_figure(figures, coin, rank)
        found.append(
            FeatureFigure(
                rank.of,
                figure,
                "" if figure is not None else figures.lacking(coin, rank),
                figures.value(coin, rank),
                rows[-1][0] if rows else None,
                label_of(history, rank.stream(coin)),
                observed_at(history, rank.stream(coin), rows[-1][0]) if rows else None,
            )
        )
    return tuple(found)


def ranked_figure(features: Features, coin: str, rank: Rank) -> float | None:
    """The figure that a rank is of."""
    of_coin = features.coins.get(coin)
    memory = of_coin.memories[rank] if of_coin is not None else None
    return None if memory is None else rank.figure(memory, features.time_ns)


def figures_over(
    history: History, coin: str, feature: Feature, stamps_ns: Sequence[int]
) -> list[float | None]:
    """A feature's figure at rising times, as it was known at each.

    Args: coin: its name; stamps_ns: ns UTC.
    """
    needs: Needs = {coin: (feature,)}
    observed = observed_for(history, needs, stamps_ns)
    return [features.value(coin, feature) for features in features_at(observed, needs, stamps_ns)]


def streams_of_coin(every: Sequence[Manifest], coin: str) -> list[Stream]:
    """The streams that a store has of a coin, and the series that are of no coin at all.

    Funding and basis of every perpetual on the coin that is stored, by name: none is chosen.
    """
    contracts = [one for one in every if one.role in ("mark", "last", "funding")]
    own = [one for one in contracts if _is_perpetual(one, coin)]
    funding = sorted({one.label.key for one in own if one.role == "funding"})
    priced = sorted({one.label.key for one in own if one.role != "funding"})
    values = sorted({one.label.key for one in every if one.role == "value"})
    return [
        Stream("index", coin),
        Stream("bars", coin, DAY_NS),
        *(Stream("funding", key) for key in funding),
        *(Stream("basis", key) for key in priced),
        *(Stream("series", name) for name in values if concerns(name, coin)),
    ]


def observed_at(history: History, stream: Stream, available_ns: int) -> int:
    """The time that the newest of a stream's observations known at a time is of, ns UTC.

    Of a value that is the time before its lag; of an index the last price itself, be it of the
    middle of a stretch.
    """
    if stream.kind == "series":
        values = history.values[stream.of]
        return int(
            values.stamp_ns[np.searchsorted(values.available_ns, available_ns, side="right") - 1]
        )
    if stream.kind == "index":
        observed_ns = observations(history.index[stream.of])[0]
        return int(observed_ns[np.searchsorted(observed_ns, available_ns, side="right") - 1])
    return available_ns


def label_of(history: History, stream: Stream) -> Label | None:
    """What a stream's observations are of; None where the history has nothing of it."""
    found: dict[str, Mapping[str, Series]] = {
        "index": history.index,
        "bars": history.index,
        "funding": history.funding,
        "paid": history.funding,
        "basis": history.last | history.mark,
        "series": history.values,
        "forward": history.last | history.mark,
    }
    series = found[stream.kind].get(stream.of)
    return None if series is None else series.label


def _is_perpetual(one: Manifest, coin: str) -> bool:
    symbol = parse_symbol(one.symbol)
    return symbol.base == coin and symbol.day is None


def concerns(name: str, coin: str) -> bool:
    """Whether a value is of the coin or of none. Worked: "fear_greed", "BTC:dvol" of BTC."""
    of, colon, _ = name.rpartition(":")
    symbol = of.partition(":")[2] or of
    return not colon or counted(symbol.partition("/")[0])[0] == coin


def _opened(
    root: Path, streams: Sequence[Stream], time_ns: int, index_venue: str | None
) -> History:
    """All that is stored of streams up to a time."""
    kinds = {kind: [one.of for one in streams if one.kind == kind] for kind in ("index", "series")}
    contracts = {one.of for one in streams if one.kind in OF_CONTRACT}
    coins, values = tuple(kinds["index"]), tuple(kinds["series"])
    names = StoreNames(coins, tuple(sorted(contracts)), values, index_venue)
    return history_before(root, time_ns, names, EVER_NS)
