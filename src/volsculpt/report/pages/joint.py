"""A joint proposal for people."""

from volsculpt.report.document import Cells, Column, Line, Page, Section, grid_of, warned
from volsculpt.report.pages.ratio import figure
from volsculpt.report.rows.joint import (
    JointBetaRow,
    JointLimitRow,
    JointPoolRow,
    JointRatioRow,
    JointRows,
    JointWayRow,
)
from volsculpt.report.rows.plan import OrderRow
from volsculpt.text import NONE, given, percent, trimmed

MOST_IN_VERDICT = 4


def dollars(number: float | None) -> str:
    """Whole US dollars. Worked: 12345.6 -> "12,346"."""
    return given(number, lambda one: trimmed(one, 0), NONE)


def ratio_cells() -> Cells[JointRatioRow]:
    """The columns of ratios."""
    return (
        (Column("hedge", left=True), lambda one: one.underlying),
        (Column("today", "ratio that its policy asks for now"), lambda one: figure(one.ratio_now)),
        (Column("proposed"), lambda one: figure(one.ratio)),
        (Column("±", "standard error, by resampled days"), lambda one: figure(one.ratio_std)),
        (Column("least"), lambda one: figure(one.least)),
        (Column("most", "limits of the mandate"), lambda one: figure(one.most)),
    )


def beta_cells() -> Cells[JointBetaRow]:
    """The columns of betas."""
    return (
        (Column("hedge", left=True), lambda one: one.underlying),
        (Column("by", left=True), lambda one: one.proxy),
        (Column("today"), lambda one: figure(one.beta_now)),
        (Column("proposed"), lambda one: figure(one.beta)),
        (Column("±"), lambda one: figure(one.beta_std)),
    )


def pool_cells() -> Cells[JointPoolRow]:
    """The columns of what is sold."""
    return (
        (Column("contracts on", left=True), lambda one: one.coin),
        (Column("held", "US dollars short now"), lambda one: dollars(one.held_usd)),
        (Column("mandate", "as it is"), lambda one: dollars(one.mandate_usd)),
        (Column("proposed"), lambda one: dollars(one.proposed_usd)),
        (Column("±"), lambda one: dollars(one.proposed_usd_std)),
    )


def way_cells() -> Cells[JointWayRow]:
    """The columns of ways to hedge."""
    return (
        (Column("way", left=True), lambda one: one.way),
        (Column("moves", "volatility a year, of wealth"), lambda one: percent(one.volatility)),
        (
            Column("later", "in the second half, fitted to the first"),
            lambda one: percent(one.volatility_out),
        ),
        (Column("trades", "US dollars, once"), lambda one: dollars(one.trade_cost_usd)),
        (Column("carry", "US dollars a year", spare=1), lambda one: dollars(one.carry_usd_annual)),
        (
            Column("counts", "risk and costs as weighed, US dollars a year"),
            lambda one: dollars(one.counts_usd_annual),
        ),
    )


def order_words(order: OrderRow) -> str:
    """Worked: "sell 12,000 bybit:BTC/USD:BTC in coinm"."""
    return f"{order.side} {trimmed(order.contracts, 8)} {order.contract} in {order.account}"


def joint_page(report: JointRows) -> Page:
    """All of a proposal."""
    span = f"{report.days} days from {report.from_} to {report.to}; prices from {report.root}"
    return Page(
        "Ratios and betas proposed together",
        f"as of {report.as_of}; {span}",
        [
            ratios_section(report),
            Section("Limits that bind", limit_lines(report)),
            ways_section(report),
            lines_section(report),
            Section("How", [Line(one, "bullet") for one in how(report)]),
        ],
        f"proposed: {', '.join(map(ratio_words, report.ratios[:MOST_IN_VERDICT]))}",
    )


def ratio_words(row: JointRatioRow) -> str:
    """Worked: "ETH 0.5 -> 0.898"."""
    return f"{row.underlying} {figure(row.ratio_now)} -> {figure(row.ratio)}"


def ratios_section(report: JointRows) -> Section:
    """Ratios, betas, contracts."""
    betas = [grid_of(report.betas, beta_cells())] if report.betas else []
    return Section(
        "Proposed",
        [
            grid_of(report.ratios, ratio_cells()),
            *betas,
            grid_of(report.pools, pool_cells()),
            *warned(report.warnings),
        ],
    )


def limit_lines(report: JointRows) -> list[Line]:
    """What each limit costs, in words."""
    if not report.limits:
        return [Line("None: more room would change nothing.")]
    return [Line(limit_words(one), "bullet") for one in report.limits]


def limit_words(row: JointLimitRow) -> str:
    """Worked: "max_leverage of coinm (BTC): 1,000 USD more would be worth 82 USD a year"."""
    return (
        f"{row.limit} of {row.of}: {row.more} would be worth {dollars(row.worth_usd_annual)} USD "
        f"a year"
    )


def ways_section(report: JointRows) -> Section:
    """Ways side by side, what is left, and the sentence."""
    passed = [
        Line(f"{one.way}: would pass {', '.join(one.breaks)}", "detail")
        for one in report.ways
        if one.breaks
    ]
    return Section(
        "Beside other ways",
        [
            grid_of(report.ways, way_cells()),
            *passed,
            Line(left_words(report)),
            Line(report.sentence),
        ],
    )


def left_words(report: JointRows) -> str:
    """Worked: "Of the variance without a hedge the proposal leaves 12 % (90 %: 9 to 15 %)."."""
    text = f"Of the variance without a hedge the proposal leaves {percent(report.variance_left)}"
    if report.variance_left_low is None or report.variance_left_high is None:
        return f"{text}."
    low, high = percent(report.variance_left_low), percent(report.variance_left_high)
    return f"{text} (90 % range {low.removesuffix(' %')} to {high})."


def lines_section(report: JointRows) -> Section:
    """The lines, and what would then be sent."""
    lines = [Line(one, "detail") for one in report.lines.splitlines() if one]
    sent = [Line(order_words(one), "action") for one in report.orders]
    nothing = [Line("With these lines nothing would be sent now.")]
    return Section(
        "To put into the mandate",
        [
            Line("In place of what the same hedges say; bands and `use` stay, `betas` goes."),
            *lines,
            *([Line("Then this would be sent now:"), *sent] if sent else nothing),
        ],
    )


def how(report: JointRows) -> list[str]:
    """What was weighed against what."""
    carry = (
        "carry: mean funding of the last 90 days, as if it went on"
        if report.with_carry
        else "funding is left out; --carry counts it"
    )
    weighed = (
        f"risk is variance a year times half an aversion of {report.aversion:g}; fee and half "
        f"spread of a trade are paid off over {report.keep_days:g} days; {carry}"
    )
    draws = f"±: {report.draws} histories drawn by blocks of days, each proposed for; limits as now"
    judged = (
        "margin, max_leverage and min_liquidation_distance are those that sizing itself asks; "
        "contracts are taken to move as the index of their coin does"
    )
    meant = "it proposes and changes nothing: you write the lines, and each plan sizes them again"
    return [weighed, draws, judged, meant]
