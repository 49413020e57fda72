"""From what worries its owner to the parts of a first mandate: contracts, tables, a reserve."""

from collections.abc import Mapping
from dataclasses import replace

from volsculpt.contracts.catalog import Catalog
from volsculpt.contracts.currencies import moves
from volsculpt.decide.limits import SAFE_LEVERAGE
from volsculpt.errors import ContractError, MandateError
from volsculpt.mandate.answers import (
    LEADERS,
    WORRIES,
    AnswerError,
    CoinsByAccount,
    MandateAnswers,
)
from volsculpt.mandate.coin_text import spelled
from volsculpt.mandate.offered import dated_for, dated_symbol, perpetual_for
from volsculpt.mandate.toml_text import number_text, quoted, written
from volsculpt.text import percent
from volsculpt.units import DAY_NS, added, iso_trimmed, long_length_ns

PERPETUAL = "perpetual"
RESERVE = "reserve"  # the account of coins that may move for margin, where not all may
FALLBACK_RATIO = 0.5


def fitted(answers: MandateAnswers, catalog: Catalog, time_ns: int) -> MandateAnswers:
    """Answers whose coins and contracts are those of the catalog, with what hedges each coin.

    Raises MandateError for a coin nobody knows, for what a venue does not offer, and where the
    worry lacks an answer. time_ns: now, ns UTC.
    """
    if answers.worry != "altcoins":  # a coin without contracts can have a proxy
        answers = replace(
            answers,
            cold={name: spelled(coins, catalog) for name, coins in answers.cold.items()},
            margin=spelled(answers.margin, catalog),
        )
    _check_worry(answers, time_ns)
    use = {coin: _use(answers, coin, catalog, time_ns) for coin in answers.coins()}
    counted = {coin: answers.owned(coin) for coin in use} if answers.worry == "lock" else {}
    return replace(answers, use={c: one for c, one in use.items() if one}, counted=counted)


def _check_worry(answers: MandateAnswers, time_ns: int) -> None:
    """Raise MandateError where a worry lacks its answer. time_ns: now, ns UTC."""
    if answers.worry == "date" and answers.event is None:
        day = iso_trimmed(time_ns + 30 * DAY_NS)[:10]
        problem = f"a date: say from when to when, for example --event {day}/7d"
        raise AnswerError(problem, "event")
    if answers.worry == "date" and answers.event is not None and answers.event[1] <= time_ns:
        problem = f"the event is over by {iso_trimmed(answers.event[1])}; name one to come"
        raise AnswerError(problem, "event")
    if answers.worry == "production" and answers.production is None:
        problem = 'production: say how much comes, for example --production "0.1 BTC/month"'
        raise AnswerError(problem, "production")
    if answers.worry == "altcoins" and not any(map(answers.is_proxied, answers.coins())):
        others = ", ".join(name for name in WORRIES if name != answers.worry)
        raise AnswerError(
            f"altcoins: of {' and '.join(LEADERS)} each is hedged with its own contracts, and no "
            f"other coin is there; name one, or choose another worry: {others}",
            *("cold", "worry"),
        )
    if is_dated(answers) and answers.contracts != "best":
        raise AnswerError(
            f"{answers.worry}: --contracts chooses among perpetuals, and this sells dated "
            f"contracts; leave it out",
            *("worry", "term"),
        )


def _use(answers: MandateAnswers, coin: str, catalog: Catalog, time_ns: int) -> str:
    """What hedges a coin; empty where the mandate finds it by itself.

    Args: coin: its name; time_ns: now, ns UTC.
    """
    venue, term = answers.venue, answers.term
    try:
        if is_dated(answers):
            symbol = dated_symbol(catalog, venue, coin, term, time_ns)
            is_rolled = answers.worry == "income"
            return f"{dated_for(catalog, venue, coin)}@{term}" if is_rolled else symbol
        carrier = answers.proxy if answers.is_proxied(coin) else coin
        words = perpetual_for(catalog, venue, carrier, answers.contracts, answers.margin)
    except (MandateError, ContractError) as error:
        problem = f"{error}{_other_way(answers, coin)}"
        raise AnswerError(problem, "cold", "venue", "worry", "term", "proxy") from None
    is_usual = answers.contracts == "best" and carrier == coin
    return "" if is_usual else words


def is_dated(answers: MandateAnswers) -> bool:
    """Whether dated contracts are sold. Raises MandateError for a lock without a date."""
    if answers.worry == "lock" and answers.term == PERPETUAL:
        raise AnswerError(
            "lock: a perpetual has no date, so it locks no price; choose quarter", "term"
        )
    return answers.worry in ("lock", "income") and answers.term != PERPETUAL


def _other_way(answers: MandateAnswers, coin: str) -> str:
    """Another answer that would hedge a coin the venue has no such contract on."""
    if answers.worry == "income":
        return "; or earn the funding of perpetuals: --term perpetual"
    return "" if coin in LEADERS else "; or hedge it with BTC or ETH: --worry altcoins"


# --- the file -------------------------------------------------------------------------


def top_lines(answers: MandateAnswers) -> str:
    """Keys of the top of the file: production of three months is hedged ahead, or its next."""
    if answers.production is None:
        return ""
    days = max(90, -(-long_length_ns(answers.production.every) // DAY_NS) + 1)
    ahead = "hedge_flows = true          # what is to come is hedged ahead"
    return f'{ahead}\nflow_horizon = "{days}d"\n'


def cold_with_reserve(answers: MandateAnswers) -> CoinsByAccount:
    """Accounts that back no futures, with the coins that may move for margin in one of their own.

    Raises AnswerError where more may move than is there.
    """
    cold = {name: dict(coins) for name, coins in answers.cold.items()}
    if answers.production is not None and not cold:
        cold["vault"] = {}
    movable = answers.movable if isinstance(answers.movable, dict) else {}
    for coin, wanted in movable.items():
        left = wanted
        for held in cold.values():
            taken = min(left, held.get(coin, 0.0))
            if taken > 0.0:
                held[coin] = added(held[coin], -taken)
                left = added(left, -taken)
        if left > 0.0:
            raise AnswerError(
                f"{number_text(wanted)} {coin} may move for margin, and "
                f"{number_text(left)} of it is not there; name no more than you keep safe",
                "movable",
            )
    return {**cold, RESERVE: dict(movable)} if movable else cold


def ratio_lines(answers: MandateAnswers, coin: str, first: bool) -> list[str]:
    """How much of a coin is hedged. first: the hedge whose lines are explained."""
    if answers.worry == "risk":
        why = "   # the less of it stays exposed the more it moves" if first else ""
        return [
            f'policy = "vol-target"{why}',
            volatility_line(answers, first),
            f"fallback_ratio = {FALLBACK_RATIO}        # while no prices are stored",
        ]
    if answers.worry == "date":
        return [
            f"ratio = 0{'                   # all of the risk stays, but for the event' * first}"
        ]
    note = "                 # 0 keeps all of the risk, 1 hedges all of it" if first else ""
    lines = [f"ratio = {number_text(answers.ratio)}{note}"]
    if answers.is_proxied(coin):
        lines.append(f"proxy = {quoted(answers.proxy)}")
        lines.append("beta = 1                    # percent it moves when the proxy moves one")
    return lines


def volatility_line(answers: MandateAnswers, first: bool) -> str:
    """What a coin may move wealth a year: its part of the whole, as coins fall together.

    Worked: 40 % of 1.3 ETH and 0.2 BTC: 0.2 for each, 40 % in all at most.
    """
    coins = len(answers.coins())
    line = f"volatility = {number_text(float(f'{answers.volatility / coins:.6g}'))}"
    if coins == 1 or not first:
        return line
    return f"{line:<27} # a part of {percent(answers.volatility)} for each coin: they fall together"


def extra_blocks(answers: MandateAnswers, cold: Mapping[str, Mapping[str, float]]) -> list[str]:
    """Tables of a worry: the event, coins to come. cold: accounts as written."""
    found = []
    if answers.worry == "date" and answers.event is not None:
        begin, end = map(iso_trimmed, answers.event)
        ratio = number_text(answers.ratio)
        found.append(
            f'[[overlay]]                 # insurance while it lasts\nkind = "event"\n'
            f"from = {begin}\nto = {end}\nratio = {ratio}\n"
        )
    if answers.production is not None:
        account, every = quoted(next(iter(cold))), quoted(answers.production.every)
        found += [
            f"[[flow]]                    # production to come\naccount = {account}\n"
            f"currency = {quoted(coin)}\namount = {number_text(amount)}\nevery = {every}\n"
            for coin, amount in answers.production.coins.items()
        ]
    return found


def collateral_block(answers: MandateAnswers, cold: Mapping[str, Mapping[str, float]]) -> list[str]:
    """How coins may move for margin; nothing where none may. cold: accounts as written."""
    safe = answers.safe_leverage
    if answers.movable is not None and safe is None:
        safe = SAFE_LEVERAGE
    if safe is None or not cold:
        return []
    source = [RESERVE] if isinstance(answers.movable, dict) else list(cold)
    text = (
        "[[collateral]]              # move coins so that a rise does not liquidate the short\n"
        f"source = {written(source)}\nsafe_leverage = {number_text(safe)}\n"
    )
    return [text]


def hedged_with(coin: str) -> str:
    """A coin that others are hedged with, as the catalog spells it. Raises MandateError."""
    name = coin.strip().upper()
    if name not in LEADERS or not moves(name):
        raise MandateError(f'"{coin}": choose {" or ".join(LEADERS)}')
    return name
