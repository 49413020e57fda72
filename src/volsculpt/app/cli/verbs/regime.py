"""`volsculpt regime`: the market condition of a coin, its evidence, and the ratio that follows."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from volsculpt.app.cli.market import moment_ns
from volsculpt.app.cli.options import (
    AsJsonOption,
    Color,
    ColorOption,
    DataFolderOption,
    WidthOption,
)
from volsculpt.app.cli.output import print_json, print_page

if TYPE_CHECKING:
    from volsculpt.hedge.regimes.survey import RegimeSurvey
    from volsculpt.report.rows.plan import OrderRow

    Told = tuple[RegimeSurvey, list[OrderRow] | None]


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
    at: Annotated[
        str | None,
        typer.Option(
            "--at",
            metavar="TIME",
            help="The moment: a day (2021-01-01, midnight UTC) or 2021-01-01T08:00:00Z. "
            "Default: the end of what is stored of the coin.",
        ),
    ] = None,
    as_json: AsJsonOption = False,
    color: ColorOption = Color.AUTO,
    width: WidthOption = None,
) -> None:
    """Tell the market condition of a coin, and how much to hedge in it.

    With each piece of evidence, what would change it, and of a mandate the orders it would mean.
    """
    from volsculpt.market.place import data_place
    from volsculpt.report.pages.regime import regime_dict, regime_page

    place = data_place(data)
    time_ns = None if at is None else moment_ns(at, "--at")
    is_file = of.endswith(".toml") or Path(of).is_file()
    told = of_mandate(of, place.root, time_ns) if is_file else [of_coin(of, place.root, time_ns)]
    if as_json:
        regimes = [regime_dict(found, orders) for found, orders in told]
        print_json({"schema": 1, "root": str(place.root), "regimes": regimes})
        return
    for found, orders in told:
        print_page(regime_page(found, place.text, orders), width, color)


def of_coin(coin: str, root: Path, time_ns: int | None) -> "Told":
    """A coin by the package's framework.

    Args: root: of the store; time_ns: ns UTC, None: its end.
    """
    from volsculpt.hedge.policies.regime import RegimePolicy
    from volsculpt.hedge.regimes.reading import framework_text
    from volsculpt.hedge.regimes.survey import regime_survey

    return regime_survey(root, coin, RegimePolicy(framework_text()), time_ns), None


def of_mandate(file: str, root: Path, time_ns: int | None) -> "list[Told]":
    """The coins that a mandate hedges by their regime, with the orders it would mean.

    Raises MandateError where there is no such hedge.

    Args: root: of the store; time_ns: ns UTC, None: its end.
    """
    from volsculpt import verbs
    from volsculpt.errors import MandateError
    from volsculpt.hedge.policies.regime import RegimePolicy
    from volsculpt.hedge.regimes.survey import regime_survey
    from volsculpt.report.rows.plan_book import order_rows

    mandate = verbs.load(file)
    found: dict[str, RegimeSurvey] = {}
    for hedge in mandate.hedges:
        if isinstance(hedge.policy, RegimePolicy):
            coin = hedge.underlying
            found[coin] = regime_survey(root, coin, hedge.policy, time_ns)
    if not found:
        raise MandateError(
            f'{file}: no hedge has policy = "regime"; name a coin instead, or give a hedge it'
        )
    moment = min(one.time_ns for one in found.values())
    surveys = [found.get(hedge.underlying) for hedge in mandate.hedges]
    memory = [None if one is None else dict(one.last.memory) for one in surveys]
    decision = verbs.decision(mandate, at=moment, data=root, memory=memory)
    orders = order_rows(decision)
    return [
        (one, [row for row in orders if _coin(row.contract) == coin]) for coin, one in found.items()
    ]


def _coin(symbol: str) -> str:
    """The coin that a contract is on. Worked: "BTC/USD:BTC" -> "BTC"."""
    from volsculpt.contracts.expiries import parse_symbol

    return parse_symbol(symbol).base
