"""Hour by hour the same aim, memory and order in a backtest and on a desk, whatever policy.

Each goes on from the book that its own orders made, so what looks at the book is told the same only
where all before was the same. Policies are found by their files.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from tests.hedge.a_market import a_history, a_mandate, a_store, changed_after
from tests.simulate.plain import plain_run, plainly
from tests.trade.test_desk_parity import COSTS, on_the_desk
from tests.trade.test_macro_everywhere import OVERLAY
from tests.trade.test_policies_everywhere import CASES, SPAN, START_NS, marked, policy_of
from tests.trade.told import told_by_kernel, told_by_ledger
from volsculpt.exchange.events import ORDERED
from volsculpt.hedge.answer import Aim
from volsculpt.hedge.memory import kept
from volsculpt.hedge.policies.callable import CallablePolicy
from volsculpt.hedge.policies.drawdown_floor import DrawdownFloorPolicy
from volsculpt.hedge.policy import HedgeSummary, Policy
from volsculpt.ledger.decisions import record_out
from volsculpt.ledger.events import Decided, Json
from volsculpt.ledger.ledger import Ledger
from volsculpt.mandate.load import load_mandate
from volsculpt.mandate.objects import Mandate
from volsculpt.market.history import History
from volsculpt.simulate import history_run
from volsculpt.simulate.answers import Answers, AskBook
from volsculpt.simulate.backtest import Costs
from volsculpt.simulate.ran import Ran
from volsculpt.simulate.run import RunRequest, prepared
from volsculpt.trade.paper.opening import paper_market
from volsculpt.units import HOUR_NS

NARROW = "band = { trigger = 0.002, settle = 0.0 }"
UNHELD = """
[send]
slippage = 0.2
[guard]
max_orders_per_hour = 1000
max_daily_usd = 1e9
"""
MACRO = '[[overlay]]\nkind = "macro"\nfile = "mine.toml"\n'
EVERY = ["regime", *marked([one for one in CASES if one != "regime"])]
SILENT = 7  # asks of the owner's function between two at which it has no answer


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of the made-up market, an overlay beside it."""
    folder = a_store(tmp_path_factory.mktemp("orders"), START_NS)
    (folder / "mine.toml").write_text(OVERLAY, encoding="utf-8")
    return folder


def curious(
    _time_ns: int, _features: object, book: HedgeSummary, memory: int | None
) -> tuple[Aim | float, int]:
    """An owner's function that counts, looks at what is held, and now and then does not know."""
    asked = (memory or 0) + 1
    if asked % SILENT == 0:
        return Aim(None, reasons=("not now",)), asked
    return 0.3 + 0.02 * (asked // 6) + 0.1 * (book.held_ratio or 0.0), asked


def eager(case: str) -> Policy:
    """The policy of a case; those that look at the book in a way that two days move."""
    policy = policy_of(case)
    if isinstance(policy, DrawdownFloorPolicy):
        return replace(policy, floor=0.9, multiplier=6.0, high_usd=None)
    if isinstance(policy, CallablePolicy):
        return replace(policy, function=curious, every_ns=None)
    return policy


def mandate_of(root: Path, case: str, with_macro: bool) -> Mandate:
    """A mandate of one policy that trades small moves, and a guard that holds nothing back."""
    file = root / "mandate.toml"
    text = a_mandate(f"ratio = 0.5\n{NARROW}") + (MACRO if with_macro else "") + UNHELD
    file.write_text(text, encoding="utf-8")
    read, policy = load_mandate(file), eager(case)
    hedge = replace(read.hedges[0], policy=policy, base=policy.BASE or "equity")
    return replace(read, hedges=(hedge,))


@dataclass(frozen=True)
class Moment:
    """What is said, remembered after it and ordered at a stamp; contracts, 0: none."""

    ratio: float | None
    memory: Json
    order: float


class NotedAnswers(Answers):
    """The answers of a run, which keep what was said and remembered whenever they were asked."""

    noted: dict[int, tuple[list[Aim], Json]]

    def at(self, stamp: int, book: AskBook) -> None:
        """Ask, and note it."""
        super().at(stamp, book)
        memory = json.loads(json.dumps(kept(self._hedges, self.memory)))
        type(self).noted[stamp] = (list(self.aims), memory)


@dataclass(frozen=True)
class Run:
    """A finished run, and what its policies said and remembered at the stamps they were asked."""

    ran: Ran
    noted: dict[int, tuple[list[Aim], Json]]

    def moments(self) -> Iterator[Moment]:
        """Each stamp; between two asks a memory stays what it was."""
        ran, ordered = self.ran, self.ran.events.of(ORDERED)
        orders = np.bincount(ordered.stamp, ordered.size, len(ran.stamp_ns))
        memory: Json = {}
        for stamp, order in enumerate(orders.tolist()):
            answer, memory = self.noted.get(stamp, (None, memory))
            paused = bool(ran.paused[stamp - 1, 0]) if stamp else answer and answer[0].ratio is None
            yield Moment(None if paused else float(ran.targets[stamp, 0]), memory, order)


def in_backtest(mandate: Mandate, source: Path | History, costs: Costs = COSTS) -> Run:
    """A run through a store or a history, with the kernel as it is written."""
    given = (None, source) if isinstance(source, Path) else (source, None)
    NotedAnswers.noted = {}
    with plainly(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(history_run, "Answers", NotedAnswers)
        made = prepared(mandate, *given, RunRequest(SPAN, costs))
        return Run(history_run.run_history(made.start, plain_run), NotedAnswers.noted)


def decisions(ledger: Ledger) -> list[Decided]:
    """Those that a desk wrote."""
    found = [one.event for one in ledger.entries(kinds=("decision",))]
    return [one for one in found if isinstance(one, Decided)]


def check_aims(run: Run, mandate: Mandate, made: list[Decided]) -> None:
    """Where a run asks with the book all that it was told is what the desk was told, words too."""
    for stamp, (answer, _) in run.noted.items():
        if mandate.hedges[0].asks_book:
            assert json.loads(json.dumps(record_out(answer))) == made[stamp].aims


def check_fills(ran: Ran, ledger: Ledger) -> None:
    """Every fill and payment, but those of the last moment: the desk's last look is before them."""
    end = int(ran.stamp_ns[-1])
    lists = (told_by_kernel(ran), told_by_ledger(ledger))
    one, other = ([event for event in told if event.stamp_ns < end] for told in lists)
    assert one == other
    assert one


@pytest.mark.parametrize("delay", [0, 1], ids=["at once", "late"])
@pytest.mark.parametrize("with_macro", [False, True], ids=["alone", "macro"])
@pytest.mark.parametrize("case", EVERY)
def test_every_policy_orders_the_same(root: Path, case: str, with_macro: bool, delay: int) -> None:
    """A decision an hour through two days: aims, memories, orders and fills to the last bit."""
    mandate = mandate_of(root, case, with_macro)
    costs = Costs(COSTS.half_spread, COSTS.slippage, delay)
    run = in_backtest(mandate, root, costs)
    _, _, ledger = on_the_desk(mandate, paper_market(mandate, None, root, SPAN), costs)
    made = decisions(ledger)
    moments = [Moment(one.aims[0]["ratio"], one.memory, one.answer["trade"][0]) for one in made]
    assert moments == list(run.moments())
    check_aims(run, mandate, made)
    check_fills(run.ran, ledger)


@pytest.mark.parametrize("with_macro", [False, True], ids=["alone", "macro"])
@pytest.mark.parametrize("case", EVERY)
def test_no_policy_sees_the_future(root: Path, case: str, with_macro: bool) -> None:
    """All that is known later is another, and published later: what was decided before stays."""
    mandate, seen = mandate_of(root, case, with_macro), 29
    other = changed_after(a_history(), START_NS + seen * HOUR_NS, 1.3)
    runs = [in_backtest(mandate, source) for source in (a_history(), other)]
    one, two = (list(run.moments()) for run in runs)
    assert one[: seen + 1] == two[: seen + 1]
    held = [run.ran.held.contracts[: seen + 1] for run in runs]
    assert np.array_equal(*held)
    wealth = [run.ran.wealth_usd for run in runs]
    assert np.array_equal(wealth[0][:seen], wealth[1][:seen])
    assert not np.array_equal(*wealth)


@pytest.mark.parametrize("case", ["callable", "drawdown-floor", "weight"])
def test_what_looks_at_the_book_is_asked_often_and_trades(root: Path, case: str) -> None:
    """The cases above show something: answers that move, some that lack, and orders."""
    moments = list(in_backtest(mandate_of(root, case, False), root).moments())
    assert len(moments) == 49
    assert len({one.ratio for one in moments}) > (5 if case != "weight" else 0)
    assert sum(one.order != 0.0 for one in moments) > 5
    assert (None in {one.ratio for one in moments}) is (case == "callable")
