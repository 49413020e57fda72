"""Writing a first mandate from a few answers: the questions, and the commented file.

answers = answers_from({"margin_account": "coinm", "ratio": "0.5"})
text = render_mandate(answers)
"""

import re
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from volsculpt.contracts.catalog import BUILT_IN, load_catalog
from volsculpt.contracts.expiries import RULES
from volsculpt.errors import MandateError
from volsculpt.mandate.answers import (
    WORRIES,
    AnswerError,
    CoinsByAccount,
    MandateAnswers,
    Production,
)
from volsculpt.mandate.coin_text import NOTHING, coins_of, coins_or_none, spelled
from volsculpt.mandate.odd import odd_problem
from volsculpt.mandate.offered import KINDS
from volsculpt.mandate.toml_text import number_text, quoted, written
from volsculpt.mandate.worries import (
    PERPETUAL,
    cold_with_reserve,
    collateral_block,
    extra_blocks,
    fitted,
    hedged_with,
    ratio_lines,
    top_lines,
)
from volsculpt.units import DAY_NS, fraction_of, long_length_ns, moment_ns, months_of

OFTEN = {  # words for how often, as a mandate writes them
    "daily": "1d",
    "day": "1d",
    "weekly": "7d",
    "week": "7d",
    "mo": "month",
    "monthly": "month",
    "quarterly": "quarter",
    "yearly": "year",
    "annually": "year",
}
_COINS_AS_NAME = re.compile(r"[0-9][0-9_.]*\s+[A-Za-z]{2,6}\s*(,.*)?")


# --- reading answers ------------------------------------------------------------------


def holdings(text: str) -> CoinsByAccount:
    """Coins by account. Worked: "vault: 2 BTC; ledger: 40 ETH" names two, "2 BTC" is in a vault."""
    found: CoinsByAccount = {}
    for part in filter(None, (part.strip() for part in text.split(";"))):
        name, _, coins = part.partition(":") if ":" in part else ("vault", ":", part)
        if not name.strip():
            raise MandateError(f'"{part}": write ACCOUNT: COINS, for example vault: 2.5 BTC')
        if name.strip() in found:
            raise MandateError(f'"{name.strip()}" is named twice; put its coins in one list')
        found[name.strip()] = coins_of(coins) if coins.strip() else {}
    return found


def catalog_holdings(text: str) -> CoinsByAccount:
    """The same, of coins that some contract of the catalog is on, and money."""
    catalog = load_catalog()
    return {name: spelled(coins, catalog) for name, coins in holdings(text).items()}


def coins_there(text: str) -> dict[str, float]:
    """Coins in any form, spelled as the catalog does; none where nothing is there."""
    return spelled(coins_or_none(text), load_catalog())


def number(text: str) -> float:
    """A finite number; "50 %" is 0.5."""
    found = fraction_of(text)
    if found is None:
        raise MandateError(f'"{text}": write a number, for example 0.5')
    return found


def share(text: str) -> float:
    """A ratio between 0 and 1."""
    found = number(text)
    if not 0.0 <= found <= 1.0:
        meant = f"; did you mean {found / 100.0:g}?" if 3.0 < found <= 100.0 else ""
        raise MandateError(f'"{text}": write a ratio between 0 and 1; 0.5 hedges half{meant}')
    return found


def leverage(text: str) -> float | None:
    """A leverage above 0, or none."""
    if text.strip().lower() in NOTHING:
        return None
    found = number(text)
    if found <= 0.0:
        raise MandateError(f'"{text}": write a leverage above 0, or none')
    return found


def plain(text: str) -> str:
    """A name that is not empty, and no coins."""
    if not text.strip():
        raise MandateError("write a name")
    if _COINS_AS_NAME.fullmatch(text.strip()):
        raise MandateError(f'"{text.strip()}" are coins, not a name: write one, as treasury')
    return text.strip()


def venue(text: str) -> str:
    """A venue of the built-in catalog."""
    if text.strip().lower() not in BUILT_IN:
        raise MandateError(f'"{text}": choose one of {", ".join(BUILT_IN)}')
    return text.strip().lower()


def one_of(*names: str) -> Callable[[str], str]:
    """A reader of one of some names."""

    def read(text: str) -> str:
        found = text.strip().lower()
        if found not in names:
            raise MandateError(f'"{text}": choose {", ".join(names[:-1])} or {names[-1]}')
        return found

    return read


def event(text: str) -> tuple[int, int] | None:
    """From when to when, ns UTC. Worked: "2026-12-10/7d" and "2026-12-10/2026-12-17"."""
    if not text.strip():
        return None
    begin, _, end = (part.strip() for part in text.partition("/"))
    try:
        first = moment_ns(begin)
        last = moment_ns(end) if "-" in end else first + long_length_ns(end or "1d")
    except ValueError as error:
        raise MandateError(f'"{text}": write FROM/TO, for example 2026-12-10/7d: {error}') from None
    if last <= first:
        raise MandateError(f'"{text}": ends before it begins; write FROM/TO')
    return first, last


def production_of(text: str) -> Production | None:
    """Coins to come. Worked: "0.1 BTC/30d" is 0.1 BTC every 30 days, "3 BTC/month" every month."""
    if not text.strip():
        return None
    coins, _, per_day = (part.strip() for part in text.partition("/"))
    return Production(spelled(coins_of(coins), load_catalog()), _rhythm(text, per_day or "30d"))


def _rhythm(text: str, period: str) -> str:
    """How often production comes, as a mandate has it. Worked: "monthly" is "month".

    Raises MandateError for what is none, and for less than a day: "1m" may be meant as a month.
    """
    plain = re.sub("^(a|per|each|every) ", "", " ".join(period.lower().split()))
    plain = OFTEN.get(plain, plain)
    if months_of(plain) is not None:
        return plain
    try:
        length = long_length_ns(plain)
    except ValueError as error:
        fix = str(error) if "months" in str(error) else f"{error}, or month, quarter or year"
        raise MandateError(
            f'"{text}": write COINS/TIME, for example 0.1 BTC/month: {fix}'
        ) from None
    if length < DAY_NS:
        raise MandateError(
            f'"{text}": does so much come every {period}? Write a day or more, for example '
            f"0.1 BTC/1d, 0.7 BTC/week or 3 BTC/month"
        )
    return f"{length // DAY_NS}d" if length % DAY_NS == 0 else "".join(plain.split())


def volatility(text: str) -> float:
    """A volatility a year, above 0. Worked: "40%" and "0.4" are the same."""
    found = number(text)
    if not 0.0 < found <= 5.0:
        raise MandateError(f'"{text}": write a volatility a year above 0, for example 40%')
    return found


def movable(text: str) -> dict[str, float] | Literal["all"] | None:
    """Coins that may move for margin: all of them, none, or so many."""
    if text.strip().lower() == "all":
        return "all"
    return coins_there(text) or None


@dataclass(frozen=True)
class Question:
    """One thing to ask: the field of Answers, the words, the default, how to read it.

    is_prompted: in a terminal; else it is an option alone. example: of an answer, behind the words.
    """

    field: str
    prompt: str
    default: str
    read: Callable[[str], Any]
    example: str = ""
    is_prompted: bool = True

    def is_for(self, worry: str) -> bool:
        """Whether a worry has a use for the answer."""
        of_others = {one for named in WORRIES.values() for one in named.asks}
        if self.field == "ratio":
            return worry != "risk"
        return self.field not in of_others or self.field in WORRIES[worry].asks


QUESTIONS: tuple[Question, ...] = (
    Question("name", "Name of this mandate", "treasury", plain, is_prompted=False),
    Question(
        "cold",
        "What do you hold? In several accounts: ledger: 2 BTC; safe: 40 ETH",
        "vault: 1 BTC",
        holdings,
        "2.5 BTC, 40 ETH",
    ),
    Question("venue", f"Where would you hedge? {', '.join(BUILT_IN)}", "bybit", venue, "bybit"),
    Question("margin_account", "Futures account there", "futures", plain, is_prompted=False),
    Question(
        "margin", "What is in the futures account there? Enter: nothing", "", coins_there, "0.5 BTC"
    ),
    Question("worry", "What worries you?", "fall", one_of(*WORRIES), "fall"),
    Question("event", "From when to when?", "", event, "2026-12-10/7d"),
    Question(
        "term",
        "Which contracts? perpetual, or dated: " + ", ".join(RULES),
        "quarter",
        one_of(*RULES, PERPETUAL),
        "quarter",
    ),
    Question("volatility", "How much may wealth move a year?", "40%", volatility, "40%"),
    Question("proxy", "Hedged with which? BTC or ETH", "BTC", hedged_with, "BTC"),
    Question("production", "How much comes, and how often?", "", production_of, "0.1 BTC/month"),
    Question("ratio", "Share of the price risk to hedge, 0 to 1", "", share, "0.5"),
    Question("contracts", "Contracts", "best", one_of(*KINDS), is_prompted=False),
    Question(
        "movable",
        "How much of it may move for margin? all, none or coins",
        "none",
        movable,
        "0.5 BTC",
    ),
    Question("safe_leverage", "Leverage to keep", "none", leverage, is_prompted=False),
)


def default_of(question: Question, given: Mapping[str, str]) -> str:
    """What Enter means. given: answers before, by field; the ratio follows from the worry."""
    if question.field != "ratio":
        return question.default
    return number_text(WORRIES[given.get("worry", "fall").strip().lower()].ratio)


def answers_from(texts: Mapping[str, str], time_ns: int = 0) -> MandateAnswers:
    """Answers from what a person typed, by field; a field left out takes its default.

    Raises MandateError for a text that cannot be read, for accounts of one name, for a coin
    nobody knows, and for what the venue does not offer. time_ns: now, ns UTC.
    """
    read = {
        one.field: one.read(texts[one.field] if one.field in texts else default_of(one, texts))
        for one in sorted(QUESTIONS, key=lambda one: one.field == "ratio")
    }
    answers = replace(MandateAnswers(), **read)
    check_answers(answers)
    return fitted(answers, load_catalog(), time_ns)


def refuse_unused(texts: Mapping[str, str], worry: str) -> None:
    """Raise AnswerError for an answer that a worry has no use for, which would be dropped.

    Args: texts: what was said, by field; worry: a key of `WORRIES`.
    """
    for question in QUESTIONS:
        if question.field in texts and not question.is_for(worry):
            of = [name for name, one in WORRIES.items() if question.field in one.asks]
            owner = f"worry {' or '.join(of)}" if of else "the other worries"
            raise AnswerError(
                f"{question.field}: is of {owner}, and worry {worry} makes nothing of it; leave "
                f"it out, or take --worry {(of or ['fall'])[0]}",
                "worry",
            )


def check_answers(answers: MandateAnswers) -> None:
    """Raise MandateError where the answers contradict each other, or make no mandate."""
    if answers.margin_account in answers.cold:
        raise AnswerError(
            f'"{answers.margin_account}" is the name of an account for coins kept safe; give the '
            f"futures account another",
            *("cold", "margin_account"),
        )
    texts: dict[str, list[object]] = {
        "name": [answers.name],
        "margin_account": [answers.margin_account],
        "cold": [*answers.cold, *_pairs(*answers.cold.values())],
        "margin": _pairs(answers.margin),
    }
    for field, given in texts.items():
        for one in given:
            problem = odd_problem(one)
            if problem is not None:
                raise AnswerError(f"{written(one)} {problem}", field)
    if not answers.coins():
        problem = "there is no coin to hedge; name one that you hold, for example 1 BTC"
        raise AnswerError(problem, "cold", "margin", "production")
    cold_with_reserve(answers)


def _pairs(*held: Mapping[str, float]) -> list[object]:
    """Names of coins and how many there are, one after another."""
    return [one for coins in held for pair in coins.items() for one in pair]


# --- writing the file -----------------------------------------------------------------


def render_mandate(answers: MandateAnswers, prices: Sequence[str] = ()) -> str:
    """The commented mandate that says what was answered, and no more.

    Raises MandateError where the answers contradict each other. prices: those given, "BTC=60000".
    """
    check_answers(answers)
    cold = cold_with_reserve(answers)
    blocks = [_head(answers, prices)]
    blocks += [_cold_account(name, coins) for name, coins in cold.items()]
    blocks.append(_margin_account(answers))
    blocks += [_hedge(answers, coin, first=n == 0) for n, coin in enumerate(answers.coins())]
    blocks += extra_blocks(answers, cold)
    blocks += collateral_block(answers, cold)
    return "\n".join(blocks)


def _head(answers: MandateAnswers, given: Sequence[str]) -> str:
    stated = {one.partition("=")[0].strip() for one in given}
    prices = "".join(f" --price {one}" for one in (*given, *example_prices(answers, stated)))
    return (
        "# What you own and how much of its price risk to hedge.\n"
        f"# Next: volsculpt plan THIS_FILE{prices}\n"
        f"version = 1\nname = {quoted(answers.name)}\n{top_lines(answers)}"
    )


def example_prices(answers: MandateAnswers, stated: Container[str] = ()) -> list[str]:
    """Every price that a plan needs, to fill in. Worked: of BTC alone "BTC=60000".

    Args: stated: names whose prices are given, and left out.
    """
    examples = {"BTC": "60000", "ETH": "3000"}
    return [
        f"{name}={examples.get(name, 'PRICE')}" for name in answers.priced() if name not in stated
    ]


def _cold_account(name: str, coins: dict[str, float]) -> str:
    return (
        f'[[account]]\nname = {quoted(name)}\nkind = "cold"'
        "               # or spot, earn: coins that back no futures\n"
        f"balances = {written(coins)}\n"
    )


def _margin_account(answers: MandateAnswers) -> str:
    return (
        f"[[account]]\nname = {quoted(answers.margin_account)}\n"
        'kind = "margin"             # its coins back the futures\n'
        f"venue = {quoted(answers.venue)}\n"
        f"balances = {written(answers.margin)}   # without unrealised profit\n"
        "# A position you have already, as the exchange shows it; negative is short:\n"
        "# [[account.position]]\n"
        '# contract = "BTC/USD:BTC"\n'
        "# contracts = -20_000\n"
        "# entry = 52_000.0\n"
    )


def _hedge(answers: MandateAnswers, coin: str, first: bool) -> str:
    lines = ["[[hedge]]", f"underlying = {quoted(coin)}", *ratio_lines(answers, coin, first)]
    if coin in answers.counted:
        lines.append(
            'base = "coins"              # a number of coins: needs no trade as prices move'
        )
        lines.append(f"coins = {number_text(answers.counted[coin])}")
    usual = "inverse" if answers.contracts == "best" else answers.contracts
    use = answers.use.get(coin, f"{usual} perpetual")
    if use != "inverse perpetual" or answers.is_proxied(coin):
        lines.append(f"use = {quoted(use)}")
    return "\n".join(lines) + "\n"
