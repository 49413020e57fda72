"""Which column of a foreign table is which.

Names are compared without case, blanks and signs. Those that mean another thing than they seem
to (a rate that was predicted, a price of another role) are never taken for it.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from volsculpt.errors import HistoryError
from volsculpt.market.series import Role, SeriesKind
from volsculpt.market.unclear import Unclear

# What a time is of -> names. Opens and closes are a bar's; paid: when a rate was; next: when it
# will be; plain: a time, of which the name says no more.
TIMES: Mapping[str, list[str]] = {
    "open": (
        "opentime timeperiodstart timeopen candlebegintime begintime starttime start startat "
        "opentimestamp openat "
        "periodstart windowstart barstart klineopentime opendate openms"
    ).split(),
    "paid": (
        "fundingtime calctime fundingratetimestamp settletime fundingtimestamp settlementtime "
        "settlementtimestamp paymenttime effectiveat"
    ).split(),
    "plain": (
        "timestamp time datetime date ts mts unix unixtimestamp t ticks epoch timestampms unixtime "
        "snappedat gmttime utctime timeutc timestamputc dateutc datetimeutc datetimegmt bartime "
        "tsevent createdat createtime day exchangetimestamp observationdate"
    ).split(),
    "close": (
        "closetime timeclose endtime end closetimestamp candleendtime periodend timeperiodend "
        "barend klineclosetime endat closedate enddate"
    ).split(),
    "next": "nextfundingtime nextfundingtimestamp nextfunding nextfundingtimems".split(),
}
CLOCKS = "time hour clock".split()  # beside a column of days
# Our name -> theirs in order of preference.
THEIRS: Mapping[str, list[str]] = {
    "open": "open openprice o priceopen pxopen".split(),
    "high": "high highprice max h pricehigh pxhigh".split(),
    "low": "low lowprice min l pricelow pxlow".split(),
    "close": "close closeprice c priceclose pxclose closelast price".split(),
    "volume": "volume vol volumebase basevolume volumecontracts v volumefrom volumetraded".split(),
    "rate": (
        "realizedrate realisedrate relativefundingrate fundingrate lastfundingrate fundingratereal "
        "realizedfundingrate interest1h rate funding"
    ).split(),
    "interval_hours": "intervalhours fundingintervalhours fundinginterval".split(),
}
PRICES: Mapping[Role, list[str]] = {
    "mark": "markprice mark".split(),
    "index": "indexprice spotprice".split(),
    "last": "lastprice tradeprice".split(),
}
ANY_PRICE = ["price", "marketprice"]
VALUES = ["v", "value"]  # of the bar that its time begins; a price only beside a time alone
CLOSES = "close closeprice c priceclose pxclose closelast".split()
PREDICTED = (
    "predictedfundingrate predictedrate nextfundingrate estimatedfundingrate indicativefundingrate "
    "fundingrateprediction nextrate indicativerate interest8h currentinterest estimatedrate "
    "relativefundingrateprediction estimatedsettlefundingrate"
).split()
MOST_NAMED = 12
FOREIGN = {
    "side": "single trades or an order book",
    "strike": "options",
    "optiontype": "options",
    "bidprice1": "an order book",
    "isbuyermaker": "single trades",
    "tradeid": "single trades",
    "aggtradeid": "single trades",
}
BARS = ("open", "high", "low", "close")
# What is said of a table that is of no kind, behind its columns.
NO_KIND = (
    " are neither bars (time, open, high, low, close) nor funding (time, rate) nor prices (time, "
    "price); say which is which, for example --columns time=when,price=px, or of a figure that is "
    "no price how it is called: --name hash_rate --unit EH/s"
)
_UNIT = re.compile(r"(percentage|percent|pct|perc|bps|bp)$")


@dataclass(frozen=True, slots=True)
class Columns:
    """names: our name -> the column. times: what a time is of -> its columns, the best first.

    role: what the name of a price says it is. is_close: a price that closes a bar.
    """

    kind: SeriesKind
    names: dict[str, str]
    times: dict[str, list[str]] = field(default_factory=dict)
    role: Role | None = None
    is_close: bool = False


def plain(name: str) -> str:
    """A column's name without case, blanks and signs: "Funding Rate" -> "fundingrate"."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def guess_columns(
    there: Sequence[str], given: Mapping[str, str], place: str, role: Role | None = None
) -> Columns:
    """The kind that the columns make up: funding, bars, or plain prices.

    Raises HistoryError that lists the columns when they make up none.

    Args: there: the table's columns; given: our name -> theirs, goes before any guess; place: where
    the table is, for errors; role: goes before the kind.
    """
    _check_given(there, given, place)
    by_plain = {plain(name): name for name in reversed(there)}
    times = {
        what: [by_plain[name] for name in names if name in by_plain]
        for what, names in TIMES.items()
    }
    if "time" in given:
        times = {"plain": [given["time"]], "next": times["next"], "close": []}
    found = _found(by_plain) | {ours: name for ours, name in given.items() if ours != "time"}
    if not all(ours in found for ours in BARS):
        _refuse_foreign(by_plain, place)
    if any(times[what] for what in times if what != "next"):
        made = _made(found, by_plain, given, role, place)
        if made is not None:
            kind, names, role_found, is_close = made
            return Columns(kind, names, times, role_found, is_close)
    _refuse_predicted(by_plain, place)
    raise Unclear(f"{place}: its columns ({_few(there)}){NO_KIND}")


def _few(there: Sequence[str]) -> str:
    """The columns, of many the first."""
    more = len(there) - MOST_NAMED
    return ", ".join(there[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def _check_given(there: Sequence[str], given: Mapping[str, str], place: str) -> None:
    """HistoryError for a name that nobody knows."""
    ours = {"time", "price", *THEIRS}
    wrong = [name for name in given.values() if name not in there]
    if wrong or set(given) - ours:
        what = f"no column {wrong[0]!r}" if wrong else f"unknown names {set(given) - ours}"
        raise HistoryError(f"{place}: {what}; its columns are {', '.join(there)}")


def _found(by_plain: dict[str, str]) -> dict[str, str]:
    """Our name -> their column, of what is there; a unit at the end of a name is no other name."""
    bare = {
        _UNIT.sub("", name): column for name, column in reversed(list(by_plain.items()))
    } | by_plain
    found = {}
    for ours, theirs in THEIRS.items():
        names = bare if ours == "rate" else by_plain
        column = next((names[name] for name in theirs if name in names), None)
        if column is not None:
            found[ours] = column
    return found


def _made(
    found: Mapping[str, str],
    by_plain: Mapping[str, str],
    given: Mapping[str, str],
    role: Role | None,
    place: str,
) -> tuple[SeriesKind, dict[str, str], Role | None, bool] | None:
    """(kind, names, the role that a price's name says, whether it closes a bar), or nothing."""
    has_bars = all(ours in found for ours in BARS)
    has_rate = "rate" in found
    if has_bars and has_rate and role is None and "rate" not in given:
        raise Unclear(
            f"{place}: holds prices and funding; say which is meant, for example --role mark or "
            f"--role funding"
        )
    if role == "funding" and len(by_plain) == 2 and "r" in by_plain and not has_rate:
        return "funding", {"rate": by_plain["r"]}, None, False
    if has_rate and role in (None, "funding") and "price" not in given:
        more = ("interval_hours",)
        return "funding", {n: found[n] for n in ("rate", *more) if n in found}, None, False
    if role == "funding":
        _refuse_predicted(by_plain, place)
        return None
    if has_bars and "price" not in given:
        return "bars", {n: found[n] for n in (*BARS, "volume") if n in found}, None, False
    return _price(by_plain, given, role, place)


def _price(
    by_plain: Mapping[str, str], given: Mapping[str, str], role: Role | None, place: str
) -> tuple[SeriesKind, dict[str, str], Role | None, bool] | None:
    """The one column of prices, by the role that is asked for."""
    if "price" in given or "close" in given:
        named = given.get("price", given.get("close", ""))
        return "prices", {"price": named}, None, "price" not in given
    by_role = {
        kind: by_plain[name] for kind, names in PRICES.items() for name in names if name in by_plain
    }
    if role in by_role:
        return "prices", {"price": by_role[role]}, role, False
    closing = next((by_plain[name] for name in CLOSES if name in by_plain), None)
    anyhow = next((by_plain[name] for name in ANY_PRICE if name in by_plain), None)
    if anyhow or closing:
        return "prices", {"price": anyhow or closing or ""}, None, anyhow is None
    if len(by_plain) == 2 and role is not None and not by_role:
        alone = next((by_plain[name] for name in VALUES if name in by_plain), None)
        if alone is not None:
            return "prices", {"price": alone}, None, True
    if by_role and role is not None:
        raise Unclear(
            f"{place}: has no {role} price; it has {', '.join(by_role.values())} "
            f"({', '.join(by_role)})"
        )
    if len(by_role) > 1:
        raise Unclear(
            f"{place}: holds several prices ({', '.join(by_role.values())}); say which is meant, "
            f"for example --role {next(iter(by_role))}"
        )
    if by_role:
        named, column = next(iter(by_role.items()))
        return "prices", {"price": column}, named, False
    return None


def _refuse_predicted(by_plain: Mapping[str, str], place: str) -> None:
    """Unclear where the only rates are those that were expected."""
    refused = [by_plain[name] for name in PREDICTED if name in by_plain]
    if refused:
        raise Unclear(
            f"{place}: holds rates that were expected ({', '.join(refused)}), not those that were "
            f"paid; if they are the same, say so: --columns rate={refused[0]}"
        )


def _refuse_foreign(by_plain: Mapping[str, str], place: str) -> None:
    """Unclear that says what a table is, where its columns tell."""
    what = next((what for name, what in FOREIGN.items() if name in by_plain), None)
    if what is not None:
        raise Unclear(f"{place}: by its columns it holds {what}, not prices or funding")
