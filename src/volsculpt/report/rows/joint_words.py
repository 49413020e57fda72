"""A joint proposal in plain words, and as the lines of a mandate."""

from collections.abc import Sequence

from volsculpt.hedge.estimators.joint import BindingLimit
from volsculpt.hedge.spec import Hedge
from volsculpt.report.rows.joint import JointLimitRow, JointRows, JointWayRow
from volsculpt.report.rows.joint_book import JointTask
from volsculpt.text import percent, trimmed, usd
from volsculpt.units import DAYS_PER_YEAR

A_LITTLE_USD = 1_000.0  # of room or coins, in "what a little more is worth"
A_LITTLE_RATIO = 0.01
MORE = {"no net long": "net long", "size the venue allows": "of it", "coins to bring in": "of them"}
SAME = 0.001  # of volatility a year: a difference below it is none
SMALL = 0.5  # US dollars a year: a limit worth less is not told


def limit_rows(task: JointTask, binding: Sequence[BindingLimit]) -> list[JointLimitRow]:
    """Limits that bind, and what a little more of each would count for, the dearest first.

    Worked: a dual of 0.2 a share of wealth: 1,000 US dollars more count as 200 a year.
    """
    found = []
    bases = {one.name: one.base for one in task.book.hedges}
    for one in binding:
        if one.limit in ("max_ratio", "min_ratio"):
            more = f"{percent(A_LITTLE_RATIO)} {'more' if one.limit == 'max_ratio' else 'less'}"
            worth = one.worth * A_LITTLE_RATIO * bases[one.of] * task.wealth_usd
        else:
            what = MORE.get(one.limit, "margin")
            more, worth = f"{trimmed(A_LITTLE_USD, 0)} USD more {what}", one.worth * A_LITTLE_USD
        if worth >= SMALL:
            found.append(JointLimitRow(one.limit, one.of, more, worth))
    return sorted(found, key=lambda row: -row.worth_usd_annual)


def mandate_lines(hedges: Sequence[tuple[Hedge, float, list[float]]]) -> str:
    """The lines to put into the mandate, one [[hedge]] each; what else stands there stays.

    Args: hedges: with ratio and the betas of their carriers.
    """
    parts = []
    for hedge, ratio, betas in hedges:
        lines = ["[[hedge]]", f'underlying = "{hedge.underlying}"', 'policy = "fixed"']
        lines.append(f"ratio = {ratio:g}" if ratio != 0.0 else "ratio = 0.0")
        if hedge.base != "equity":
            lines.append(f'base = "{hedge.base}"')
        if hedge.base == "coins":
            lines.append(f"coins = {hedge.coins!r}")
        if hedge.proxies:
            each = (
                f"{one.coin} = {beta:g}" for one, beta in zip(hedge.carriers, betas, strict=True)
            )
            lines.append(f"proxy = {{ {', '.join(each)} }}")
        parts.append("\n".join(lines))
    return "\n\n".join(parts) + "\n"


def yearly_usd(way: JointWayRow, keep_days: float) -> float:
    """What a way costs a year, what it earns taken off: trades are spread over the days it is kept.

    Worked: 100 of trades kept for 36.5 days, 400 a year earned: 600.
    """
    return way.trade_cost_usd * DAYS_PER_YEAR / keep_days - way.carry_usd_annual


def sentence_of(report: JointRows) -> str:
    """What the proposal leaves, beside today's mandate, and whether that may be luck."""
    ways = {one.way: one for one in report.ways}
    joint, none = ways["proposed"], ways["no hedge"]
    mandate = ways["the mandate today"]
    text = (
        f"On the days it is fitted to, the book would have moved by {percent(joint.volatility)} of "
        f"its wealth a year as proposed, by {percent(mandate.volatility)} as the mandate is, by "
        f"{percent(none.volatility)} without a hedge. Fitted to the first half of them alone, the "
        f"proposal left {percent(joint.volatility_out)} in the second, the mandate "
        f"{percent(mandate.volatility_out)}: "
    )
    more = yearly_usd(joint, report.keep_days) - yearly_usd(mandate, report.keep_days)
    dearer = f" It costs {usd(more)} USD more a year." if more >= SMALL else ""
    if report.ahead_low is None or report.ahead_high is None:
        return text + "too few days, or some that take more than all, tell whether that is luck."
    if abs(report.ahead) < SAME:
        return text + "no difference worth having."
    if report.ahead_low > 0.0:
        return f"{text}the proposal left measurably less, which is evidence, not luck.{dearer}"
    if report.ahead_high < 0.0:
        return text + "the mandate left measurably less; keep it."
    return text + "that difference may be luck."
