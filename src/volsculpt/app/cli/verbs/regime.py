"""`volsculpt regime`: the market condition of a coin, its evidence, and the ratio that follows."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from volsculpt.app.cli.market import (
    A_MOMENT,
    AtMomentOption,
    IndexVenueOption,
    moment_ns,
    span_of,
)
from volsculpt.app.cli.next_command import plan_command
from volsculpt.app.cli.options import (
    AsJsonOption,
    Color,
    ColorOption,
    DataFolderOption,
    WidthOption,
)
from volsculpt.app.cli.output import check_figure, print_json, print_page, written

if TYPE_CHECKING:
    from volsculpt.decide.step import Decision
    from volsculpt.hedge.regimes.survey import RegimeSurvey, SurveyRequest
    from volsculpt.report.document import Page
    from volsculpt.report.pages.regime import BookImpact

    RegimeAnswer = tuple[RegimeSurvey, BookImpact | None]

GROUP = "decide"
EXAMPLE = "volsculpt regime BTC"


ChangesOption = Annotated[
    tuple[str, str] | None,
    typer.Option(
        "--history",
        metavar="FROM TO",
        help="Tell every change of the ratio from one moment to another, in place of --at; each is "
        f"{A_MOMENT}.",
    ),
]
ColouredOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--report",
        metavar="FILE",
        help="Also write the price coloured by condition, and the ratio: .html or .png.",
    ),
]


def regime(
    of: Annotated[
        str,
        typer.Argument(
            metavar="MANDATE|COIN",
            help="A mandate's file (its hedges with the policy regime), or a coin: BTC.",
            show_default=False,
        ),
    ],
    data: DataFolderOption = None,
    at: AtMomentOption = None,
    history: ChangesOption = None,
    index_venue: IndexVenueOption = None,
    report: ColouredOption = None,
    as_json: AsJsonOption = False,
    color: ColorOption = Color.AUTO,
    width: WidthOption = None,
) -> None:
    """Tell the market condition of a coin, and the ratio for it.

    With each piece of evidence, what would change it, and of a mandate the orders it would mean.
    """
    from volsculpt.hedge.regimes.survey import SurveyRequest
    from volsculpt.market.place import data_place
    from volsculpt.report.pages.regime import changes_section, regime_dict, regime_page

    for path in report or []:
        check_figure(path, "--report")
    is_file = of.endswith(".toml") or Path(of).is_file()
    check_options(is_file, at, history, index_venue)
    place = data_place(data)
    first, last = (None, None) if history is None else span_of(history, "--history")
    time_ns = last if at is None else moment_ns(at, "--at")
    request = SurveyRequest(place.root, time_ns, first, index_venue)
    rows = of_mandate(of, request, data) if is_file else [of_coin(of, request)]
    pages = [regime_page(found, place.text, orders) for found, orders in rows]
    if history is not None:
        pages = [
            replace(page, sections=[*page.sections, changes_section(found)])
            for page, (found, _) in zip(pages, rows, strict=True)
        ]
    for path in report or []:
        draw(rows, pages, path)
    if as_json:
        regimes = [regime_dict(found, orders) for found, orders in rows]
        print_json({"schema": 1, "root": str(place.root), "regimes": regimes})
        return
    for page in pages:
        print_page(page, width, color)


def check_options(
    is_file: bool, at: str | None, history: tuple[str, str] | None, index_venue: str | None
) -> None:
    """Refuse options that contradict each other.

    Args: is_file: whether a mandate is told; at, history, index_venue: as they were written.
    """
    if history is not None and at is not None:
        raise typer.BadParameter("ends at its own TO; leave --at out", param_hint="--history")
    if is_file and index_venue is not None:
        problem = f'belongs to a coin; a mandate names its own: index_venue = "{index_venue}"'
        raise typer.BadParameter(problem, param_hint="--index-venue")


def draw(answers: "list[RegimeAnswer]", pages: "list[Page]", path: Path) -> None:
    """Write a report: a page with all that is told, or the picture alone; one coin a file.

    With several coins the name of each is put before the ending.
    """
    from volsculpt.report.charts.regime import regime_chart

    for (found, _), page in zip(answers, pages, strict=True):
        own = path if len(answers) == 1 else path.with_stem(f"{path.stem}-{found.coin}")
        with written(own, "--report"):
            if own.suffix.lower() == ".png":
                from volsculpt.report.charts.png import write_png

                write_png([regime_chart(found)], own)
            else:
                from volsculpt.report.render.html import html_page

                text = html_page(page, [(1, regime_chart(found))], "regime")
                own.write_text(text, encoding="utf-8")


def of_coin(coin: str, request: "SurveyRequest") -> "RegimeAnswer":
    """A coin by the package's framework."""
    from volsculpt.hedge.policies.regime import RegimePolicy
    from volsculpt.hedge.regimes.reading import framework_text
    from volsculpt.hedge.regimes.survey import regime_survey

    return regime_survey(request, coin, RegimePolicy(framework_text())), None


def of_mandate(file: str, request: "SurveyRequest", data: Path | None) -> "list[RegimeAnswer]":
    """The coins that a mandate hedges by their regime, with the orders it would mean.

    Raises MandateError where there is no such hedge. Args: file: of the mandate; request; data: the
    folder of stored prices, as it was named.
    """
    from volsculpt import verbs
    from volsculpt.errors import MandateError
    from volsculpt.hedge.aim import with_policy_memory
    from volsculpt.hedge.policies.regime import RegimePolicy
    from volsculpt.hedge.regimes.survey import regime_survey
    from volsculpt.hedge.survey import shared_moment
    from volsculpt.units import iso_trimmed

    mandate = verbs.load(file)
    policies = {
        one.underlying: one.policy for one in mandate.hedges if isinstance(one.policy, RegimePolicy)
    }
    if not policies:
        raise MandateError(
            f'{file}: no hedge has policy = "regime"; name a coin instead, or give a hedge it'
        )
    moment = shared_moment(request.root, list(policies), request.time_ns, mandate.index_venue)
    pegs = mandate.book.pegs
    request = replace(request, time_ns=moment, index_venue=mandate.index_venue, pegs=pegs)
    found = {coin: regime_survey(request, coin, policy) for coin, policy in policies.items()}
    surveys = [found.get(hedge.underlying) for hedge in mandate.hedges]
    memory = [
        None if one is None else with_policy_memory(hedge, dict(one.last.memory))
        for hedge, one in zip(mandate.hedges, surveys, strict=True)
    ]
    decision, _, _ = verbs.decided_at(mandate, moment, request.root, memory)
    command = plan_command(file, {"--at": iso_trimmed(moment), "--data": data})
    return [
        (one, book_impact(decision, row, one, (file, command)))
        for row, one in enumerate(surveys)
        if one is not None
    ]


def book_impact(
    decision: "Decision", row: int, found: "RegimeSurvey", named: tuple[str, str]
) -> "BookImpact":
    """What the ratio of a coin means in a mandate's book.

    Args: row: of its hedge; found: what was seen of it; named: the mandate's file, and the command
    that plans it at the same moment.
    """
    from volsculpt.decide.ratio_words import target_of
    from volsculpt.decide.rules import CAPPED
    from volsculpt.report.pages.regime import BookImpact
    from volsculpt.report.rows.plan_book import order_rows

    file, command = named
    target, answer = target_of(decision, row), found.last.aim
    orders = [
        one
        for one in order_rows(decision)
        if _coin(one.contract) in decision.setup.hedges[row].coins_named
    ]
    above = [one for one in decision.aims[row].reasons if one not in answer.reasons]
    if answer.ratio is None or abs(target - answer.ratio) < 1e-9:
        above = []
    elif not above:
        above = [f"the limits of {file} leave no other"]
    waits = []
    if decision.answer.hedge_code[row] & CAPPED or any(one > 0.0 for one in decision.answer.top_up):
        waits = [f"not all of it can be sold now; what comes first: {command}"]
    return BookImpact(orders, target, above, waits)


def _coin(symbol: str) -> str:
    """The coin that a contract is on. Worked: "BTC/USD:BTC" -> "BTC"."""
    from volsculpt.contracts.expiries import parse_symbol

    return parse_symbol(symbol).base
