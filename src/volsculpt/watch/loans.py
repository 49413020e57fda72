"""How the loans of a book stand: loan-to-value, the prices of its levels, and what mends it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from volsculpt.book.flatten import Flat
from volsculpt.book.holdings import Account, Book, LoanTerms
from volsculpt.book.loans import LoanSides, loan_coins, sides_of
from volsculpt.book.state import Quote, State
from volsculpt.decide.step import Decision
from volsculpt.text import amount, moment, percent, safe_price
from volsculpt.units import DAY_NS, DAYS_PER_YEAR, iso_trimmed
from volsculpt.watch.coins import FreeCoins, rounded_up, who_has
from volsculpt.watch.level import CRITICAL_DISTANCE, EASE, WARNING_DISTANCE, DangerLevel

DUE_SOON_NS = 30 * DAY_NS
LOAN = "loan"  # what stands for the margin group where a loan is sold


@dataclass(frozen=True, slots=True)
class LoanRow:
    """A loan: what is owed and pledged, and where its lender asks for coins and sells them.

    owed, pledged: coins by currency, above 0. ltv: owed over pledged, None where nothing is
    pledged. call_, liquidation_: the loan-to-value of each level, the price of `coin` there and the
    move of all coins to it; None where there is no such level, or no price has it. level: how near
    its end it is; add_coin: what brings it to safety, in `add_currency`; repay_usd: or so much paid
    back instead. interest_usd_per_day: - is paid; None where a rate is not known.
    """

    account: str
    owed: dict[str, float]
    pledged: dict[str, float]
    owed_usd: float
    pledged_usd: float
    ltv: float | None
    coin: str | None
    call_ltv: float | None
    call_price: float | None
    call_move: float | None
    liquidation_ltv: float | None
    liquidation_price: float | None
    liquidation_move: float | None
    interest_usd_per_day: float | None
    due: str | None
    level: DangerLevel | None = None
    add_coin: float = 0.0
    add_currency: str | None = None
    repay_usd: float = 0.0
    text: str = ""


def loan_rows(
    decision: Decision, before: Mapping[str, DangerLevel | None] | None = None
) -> list[LoanRow]:
    """A row for each loan of the book, in its order, with what mends one in danger.

    Args: before: levels as reported before, by account.
    """
    flat, quote = decision.flat, decision.quoted.quote
    free = FreeCoins(decision, flat.state)
    rows = []
    for account in loans_of(decision.setup.book):
        row = _row(flat, flat.state, quote, account)
        sides = sides_of(flat, flat.state, quote, account.name)
        level = _level(row, sides, (before or {}).get(account.name))
        row = replace(row, level=level)
        rows.append(row if level is None else _mended(decision, row, sides, free))
    return rows


@dataclass(frozen=True, slots=True)
class LoanSold:
    """A loan whose pledged coins are sold on the way to a shock: at which price of its coin."""

    account: str
    coin: str
    price: float
    move: float


def sold_on_the_way(decision: Decision, state: State, shock: float) -> list[LoanSold]:
    """The loans whose last level lies between today's prices and a move of all coins.

    Args: state: the book; shock: the move, a fraction, - falls.
    """
    flat, quote = decision.flat, decision.quoted.quote
    found = []
    for account in loans_of(decision.setup.book):
        row, sides = _row(flat, state, quote, account), sides_of(flat, state, quote, account.name)
        level, coin = row.liquidation_ltv, row.coin
        if level is None or coin is None or row.ltv is None:
            continue
        if sides.has_passed(level):
            found.append(LoanSold(account.name, coin, quote.index_usd[flat.currency(coin)], 0.0))
        elif sides.at(1.0 + shock).has_passed(level) and row.liquidation_price is not None:
            move = row.liquidation_move or 0.0
            found.append(LoanSold(account.name, coin, row.liquidation_price, move))
    return found


def loans_of(book: Book) -> list[Account]:
    """The accounts of a book that are loans."""
    return [account for account in book.accounts if account.loan is not None]


def _row(flat: Flat, state: State, quote: Quote, account: Account) -> LoanRow:
    """A loan before anything is said of its danger."""
    terms, sides = account.loan or LoanTerms(), sides_of(flat, state, quote, account.name)
    found = loan_coins(flat, state, account.name)
    coin = _main_coin(flat, quote, found)
    call, sold = (_level_at(sides, one) for one in (terms.call_ltv, terms.liquidation_ltv))
    index = None if coin is None else quote.index_usd[coin]
    names = flat.currencies
    return LoanRow(
        account=account.name,
        owed={names[one]: -coins for one, coins in found.items() if coins < 0.0},
        pledged={names[one]: coins for one, coins in found.items() if coins > 0.0},
        owed_usd=sides.owed_usd,
        pledged_usd=sides.pledged_usd,
        ltv=sides.ltv,
        coin=None if coin is None else names[coin],
        call_ltv=terms.call_ltv,
        call_price=_times(index, call),
        call_move=None if call is None else call - 1.0,
        liquidation_ltv=terms.liquidation_ltv,
        liquidation_price=_times(index, sold),
        liquidation_move=None if sold is None else sold - 1.0,
        interest_usd_per_day=_interest(flat, quote, terms, found),
        due=None if terms.due_ns is None else iso_trimmed(terms.due_ns),
    )


def _level_at(sides: LoanSides, level: float | None) -> float | None:
    """The factor of prices at which a level lies, None where there is none."""
    return None if level is None or sides.pledged_usd == 0.0 else sides.passes_at(level)


def _times(index: float | None, factor: float | None) -> float | None:
    return None if index is None or factor is None else index * factor


def _main_coin(flat: Flat, quote: Quote, found: Mapping[int, float]) -> int | None:
    """The coin whose price a loan's levels are told in: the largest that moves, by value."""
    moving = [one for one in found if flat.layout.moves[one] == 1 and found[one] != 0.0]
    return max(moving, key=lambda one: abs(found[one]) * quote.index_usd[one], default=None)


def _interest(
    flat: Flat, quote: Quote, terms: LoanTerms, found: Mapping[int, float]
) -> float | None:
    """US dollars of interest a day, - is paid; None where the rate of a debt is not known."""
    total = 0.0
    for currency, coins in found.items():
        if coins < 0.0:
            rate = terms.interest.get(flat.currencies[currency])
            if rate is None:
                return None
            total += coins * quote.index_usd[currency] * rate / DAYS_PER_YEAR
    return total


def _level(row: LoanRow, sides: LoanSides, before: DangerLevel | None) -> DangerLevel | None:
    """How near its end a loan is, by the distances that margin groups go by.

    From its own call level on it is a warning at least, at its last level critical. What was
    `before` stays so until it is a tenth beyond that.
    """
    if row.ltv is None:
        return None
    if row.liquidation_ltv is not None:
        away = abs(row.liquidation_move) if row.liquidation_move is not None else None
        end = CRITICAL_DISTANCE * (EASE if before == "critical" else 1.0)
        if sides.has_passed(row.liquidation_ltv) or (away is not None and away < end):
            return "critical"
        near = WARNING_DISTANCE * (EASE if before is not None else 1.0)
        if away is not None and away < near:
            return "warning"
    called = row.call_ltv is not None and sides.has_passed(row.call_ltv)
    return "warning" if called else None


def _mended(decision: Decision, row: LoanRow, sides: LoanSides, free: FreeCoins) -> LoanRow:
    """A loan in danger with the coins, or the repayment, that bring it out of it."""
    lacking, repay = _lacking(row, sides)
    name = row.coin if row.coin in row.pledged else next(iter(row.pledged))
    currency = decision.flat.currency(name)
    needed = lacking / decision.quoted.quote.index_usd[currency]
    have = {
        decision.flat.wallets[wallet].account: coins
        for wallet, coins in free.of_coin(currency).items()
    }
    what = f"ADD {amount(rounded_up(needed), name)} TO {row.account}"
    listed = f" ({who_has(have, name)})" if have else ""
    when = " NOW" if row.level == "critical" else ""
    or_else = f", OR REPAY {amount(rounded_up(repay), 'USD')} OF IT"
    text = f"{what}{when}{listed}{or_else}: {consequence(row, sides)}"
    return replace(row, add_coin=needed, add_currency=name, repay_usd=repay, text=text)


def _lacking(row: LoanRow, sides: LoanSides) -> tuple[float, float]:
    """US dollars to pledge more, or to pay back, that bring a loan to safety.

    Under its call level, and as far from its last one as a margin group without a warning.
    """
    needs = []
    if row.call_ltv is not None:
        needs.append((row.call_ltv, 1.0))
    if row.liquidation_ltv is not None:
        rises = sides.owed_moving > row.liquidation_ltv * sides.pledged_moving
        needs.append((row.liquidation_ltv, 1.0 + (1 if rises else -1) * WARNING_DISTANCE))
    pledge = repay = 0.0
    for level, factor in needs:
        lacking = sides.lacks(level, factor)
        pledge = max(pledge, lacking / (factor if sides.pledged_moving > 0.0 else 1.0))
        owed_by = factor if sides.owed_moving > sides.owed_still else 1.0
        repay = max(repay, lacking * level / owed_by)
    return pledge, repay


def consequence(row: LoanRow, sides: LoanSides) -> str:
    """What its lender does, and from which price. Worked: "its loan-to-value is 72 %, …"."""
    now = f"its loan-to-value is {percent(row.ltv or 0.0)}"
    if row.liquidation_ltv is None:
        return f"{now}, and at {percent(row.call_ltv or 0.0)} its lender asks for more"
    sells = f"at {percent(row.liquidation_ltv)} its lender sells what is pledged"
    if sides.has_passed(row.liquidation_ltv):
        return f"{now}, and {sells}"
    move, at = row.liquidation_move, row.liquidation_price
    if move is None or at is None:
        return f"{now}, and {sells}"
    side = "rise" if move > 0.0 else "fall"
    to = f"(to {safe_price(at, move)}, {row.coin})"
    return f"{now}; {sells}, after a {side} of {percent(abs(move))} {to}"


def due_warnings(book: Book, time_ns: int) -> list[str]:
    """Loans that are due soon, or were."""
    found = []
    for account in loans_of(book):
        due = account.loan.due_ns if account.loan is not None else None
        if due is not None and due - time_ns <= DUE_SOON_NS:
            owed = ", ".join(
                amount(-coins, name) for name, coins in account.balances.items() if coins < 0.0
            )
            is_over = due <= time_ns
            when = f"was due {moment(due)}: take it out" if is_over else f"is due {moment(due)}"
            more = " of the mandate once it is paid back" if is_over else ""
            found.append(f"loan_due: {owed} of '{account.name}' {when}{more}")
    return found
