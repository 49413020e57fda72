"""How long a plan of very many accounts takes.

python benchmarks/plan.py [ACCOUNTS ...]: prints seconds to read the mandate, to decide, and to
word the result, for each number of accounts (default: 100, 400, 1,000 and 5,000).
"""

import sys
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from volsculpt.mandate.load import parse_mandate
from volsculpt.mandate.objects import Mandate
from volsculpt.report.plan import Plan
from volsculpt.verbs import plan

VENUES = ("bybit", "binance", "deribit")
COINS = ("BTC", "ETH")
PRICES = {"BTC": 60_000.0, "ETH": 3_000.0}
NOW_NS = 1_716_163_200_000_000_000
Made = TypeVar("Made")


def vault(number: int) -> str:
    """Coins that back nothing."""
    held = f"{{ BTC = {1 + number % 7}.25, ETH = {number % 11}.5 }}"
    return f'[[account]]\nname = "vault{number}"\nkind = "cold"\nbalances = {held}\n'


def margin(number: int) -> str:
    """A margin account of a venue in turn, in each mode that it has; most hold a short."""
    venue = VENUES[number % len(VENUES)]
    mode = ("cross", "isolated", "unified")[number // 4 % 3] if venue == "bybit" else "cross"
    own = {
        "isolated": "leverage = 3\n",
        "unified": "collateral_weights = { BTC = 0.95, ETH = 0.9 }\n",
    }
    held = f'contract = "BTC/USD:BTC"\ncontracts = -{100 + number}\nentry = 52_000.0\n'
    return (
        f'[[account]]\nname = "coinm{number}"\nkind = "margin"\nvenue = "{venue}"\n'
        f'margin_mode = "{mode}"\nbalances = {{ BTC = 1.5, ETH = 10 }}\n{own.get(mode, "")}'
        + (f"[[account.position]]\n{held}" if number % 3 != 1 else "")
    )


def mandate_text(accounts: int) -> str:
    """Half of the accounts are vaults, half carry hedges; each of these has a source of coins."""
    margins = [number for number in range(accounts) if number % 4 > 1]
    parts = [(margin if number % 4 > 1 else vault)(number) for number in range(accounts)]
    for coin in COINS:
        contract = f"{coin}/USD:{coin}"
        use = ", ".join(f'{{ account = "coinm{n}", contract = "{contract}" }}' for n in margins)
        parts.append(f'[[hedge]]\nunderlying = "{coin}"\nratio = 0.5\nuse = [{use}]\n')
    parts += [
        f'[[collateral]]\naccount = "coinm{n}"\nsource = ["vault{n - 2}"]\nsafe_leverage = 3\n'
        for n in margins
    ]
    return "\n".join(["version = 1\n", *parts])


def timed(work: Callable[[], Made]) -> tuple[float, Made]:
    """Seconds that it takes, and what it makes."""
    began = time.perf_counter()
    made = work()
    return time.perf_counter() - began, made


def planned(mandate: Mandate) -> Plan:
    """The plan at given prices."""
    return plan(mandate, prices=PRICES, time_ns=NOW_NS)


def main(words: Sequence[str]) -> None:
    """One line a number of accounts."""
    print("".join(f"{head:>12}" for head in ("accounts", "read s", "plan s", "words s", "json s")))
    for accounts in map(int, words or ("100", "400", "1000", "5000")):
        text = mandate_text(accounts)
        read_s, mandate = timed(lambda text=text: parse_mandate(text))
        plan_s, made = timed(lambda mandate=mandate: planned(mandate))
        times = (read_s, plan_s, timed(made.table)[0], timed(made.to_json)[0])
        print(f"{accounts:>12,}" + "".join(f"{one:>12.2f}" for one in times))


if __name__ == "__main__":
    main(sys.argv[1:])
