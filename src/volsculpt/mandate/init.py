"""Writing a first mandate from a few answers: the questions, and the commented file.

answers = answers_from({"margin_account": "coinm", "ratio": "0.5"})
text = render_mandate(answers)
"""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from volsculpt.contracts.catalog import BUILT_IN
from volsculpt.contracts.currencies import moves
from volsculpt.errors import MandateError
from volsculpt.mandate.odd import odd_problem
from volsculpt.mandate.toml_text import number_text, quoted, written
from volsculpt.units import fraction_of

CoinsByAccount = dict[str, dict[str, float]]  # account -> currency -> coins
Preference = Literal["inverse", "linear"]
_COINS_AS_NAME = re.compile(r"[0-9][0-9_.]*\s+[A-Za-z]{2,6}\s*(,.*)?")
_AMOUNT = re.compile(r"([+-]?[0-9][0-9_.]*(?:[eE][+-]?\d+)?)\s*([A-Za-z0-9]*[A-Za-z][A-Za-z0-9]*)")


@dataclass(frozen=True)
class MandateAnswers:
    """What a first mandate is made of. safe_leverage None: coins never move for margin.

    use: what hedges a coin, by name, where that is not the usual of `contracts`. counted: the coins
    that the ratio is a share of, by name, where that is not what is owned.
    """

    name: str = "treasury"
    cold: CoinsByAccount = field(default_factory=lambda: {"vault": {"BTC": 1.0}})
    margin_account: str = "futures"
    venue: str = "bybit"
    margin: dict[str, float] = field(default_factory=dict)
    ratio: float = 0.5
    contracts: Preference = "inverse"
    safe_leverage: float | None = None
    use: Mapping[str, str] = field(default_factory=dict)
    counted: Mapping[str, float] = field(default_factory=dict)

    def coins(self) -> list[str]:
        """The coins to hedge: those that are held and move."""
        held = [*self.cold.values(), self.margin]
        return [c for c in dict.fromkeys(c for coins in held for c in coins) if moves(c)]


# --- reading answers ------------------------------------------------------------------


def amounts(text: str) -> dict[str, float]:
    """Coins by currency. Worked: "2.5 BTC, 40 eth" is {"BTC": 2.5, "ETH": 40.0}.

    Raises MandateError for what is no amount, for a decimal comma, and below 0.
    """
    found: dict[str, float] = {}
    comma = re.search(r"\d,\d+", text)
    if comma is not None:
        raise MandateError(
            f'"{comma[0]}": a comma parts coins; write a point, for example 2.5 BTC, and 1000 '
            f"without one"
        )
    for part in filter(None, (part.strip() for part in text.split(","))):
        match = _AMOUNT.fullmatch(part)
        try:
            number, currency = (float(match[1]), match[2]) if match else (math.nan, "")
        except ValueError:
            number = math.nan
        if not math.isfinite(number):
            raise MandateError(f'"{part}": write an amount and a currency, for example 2.5 BTC')
        if number < 0.0:
            raise MandateError(
                f'"{part}": write what you hold; a loan is a negative balance in the file'
            )
        currency = currency.upper() if currency.islower() else currency
        found[currency] = found.get(currency, 0.0) + number
    return found


def holdings(text: str) -> CoinsByAccount:
    """Coins by account. Worked: "vault: 2 BTC; ledger: 40 ETH" names two, "2 BTC" is in a vault."""
    found: CoinsByAccount = {}
    for part in filter(None, (part.strip() for part in text.split(";"))):
        name, _, coins = part.partition(":") if ":" in part else ("vault", ":", part)
        if not name.strip():
            raise MandateError(f'"{part}": write ACCOUNT: COINS, for example vault: 2.5 BTC')
        if name.strip() in found:
            raise MandateError(f'"{name.strip()}" is named twice; put its coins in one list')
        found[name.strip()] = amounts(coins)
    return found


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
    if text.strip().lower() in {"", "none", "no"}:
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


def preference(text: str) -> str:
    """Inverse or linear contracts."""
    if text.strip().lower() not in {"inverse", "linear"}:
        raise MandateError(f'"{text}": choose inverse or linear')
    return text.strip().lower()


@dataclass(frozen=True)
class Question:
    """One thing to ask: the field of Answers, the words, the default, how to read it."""

    field: str
    prompt: str
    default: str
    read: Callable[[str], Any]


QUESTIONS: tuple[Question, ...] = (
    Question("name", "Name of this mandate", "treasury", plain),
    Question(
        "cold",
        "Coins kept safe (2.5 BTC, 40 ETH; in several accounts: ledger: 2 BTC; safe: 40 ETH)",
        "vault: 1 BTC",
        holdings,
    ),
    Question("venue", f"Exchange for the hedge ({', '.join(BUILT_IN)})", "bybit", venue),
    Question("margin_account", "Name of the futures account there", "futures", plain),
    Question(
        "margin",
        "Coins in it (AMOUNT COIN, ...; Enter for none: the plan then says what to move there)",
        "",
        amounts,
    ),
    Question("contracts", "Contracts: inverse (coin as margin) or linear", "inverse", preference),
    Question("ratio", "Share of the price risk to hedge (0 to 1)", "0.5", share),
    Question("safe_leverage", "Leverage to keep by moving coins, or none", "none", leverage),
)


def answers_from(texts: Mapping[str, str]) -> MandateAnswers:
    """Answers from what a person typed, by field; a field left out takes its default.

    Raises MandateError for a text that cannot be read, and for accounts of one name.
    """
    read = {one.field: one.read(texts.get(one.field, one.default)) for one in QUESTIONS}
    answers = replace(MandateAnswers(), **read)
    check_answers(answers)
    return answers


def check_answers(answers: MandateAnswers) -> None:
    """Raise MandateError where the answers contradict each other, or make no mandate."""
    if answers.margin_account in answers.cold:
        raise MandateError(
            f'"{answers.margin_account}" is the name of an account for coins kept safe; give the '
            f"futures account another"
        )
    held = [coins for named in (answers.cold, {"": answers.margin}) for coins in named.values()]
    given: list[object] = [answers.name, answers.margin_account, *answers.cold]
    given += [one for coins in held for pair in coins.items() for one in pair]
    for one in given:
        problem = odd_problem(one)
        if problem is not None:
            raise MandateError(f"{written(one)} {problem}")
    if not answers.coins():
        raise MandateError("there is no coin to hedge; name one that you hold, for example 1 BTC")


# --- writing the file -----------------------------------------------------------------


def render_mandate(answers: MandateAnswers) -> str:
    """The commented mandate that says what was answered, and no more.

    Raises MandateError where the answers contradict each other.
    """
    check_answers(answers)
    blocks = [_head(answers)]
    blocks += [_cold_account(name, coins) for name, coins in answers.cold.items()]
    blocks.append(_margin_account(answers))
    blocks += [_hedge(answers, coin, first=n == 0) for n, coin in enumerate(answers.coins())]
    if answers.safe_leverage is not None and answers.cold:
        blocks.append(_collateral(answers, answers.safe_leverage))
    return "\n".join(blocks)


def _head(answers: MandateAnswers) -> str:
    return (
        "# What you own and how much of its price risk to hedge.\n"
        "# Next: volsculpt plan THIS_FILE --price BTC=60000\n"
        f"version = 1\nname = {quoted(answers.name)}\n"
    )


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
    ratio = f"ratio = {number_text(answers.ratio)}"
    note = "                 # 0 keeps all of the risk, 1 hedges all of it" if first else ""
    lines = ["[[hedge]]", f"underlying = {quoted(coin)}", ratio + note]
    if coin in answers.counted:
        lines.append(
            'base = "coins"              # a number of coins: needs no trade as prices move'
        )
        lines.append(f"coins = {number_text(answers.counted[coin])}")
    use = answers.use.get(coin, f"{answers.contracts} perpetual")
    if use != "inverse perpetual":
        lines.append(f"use = {quoted(use)}")
    return "\n".join(lines) + "\n"


def _collateral(answers: MandateAnswers, safe_leverage: float) -> str:
    return (
        "[[collateral]]              # move coins so that a rise does not liquidate the short\n"
        f"source = {written(list(answers.cold))}\n"
        f"safe_leverage = {number_text(safe_leverage)}\n"
    )
