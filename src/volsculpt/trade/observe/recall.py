"""What the desk must recall of a ledger beyond its books, folded from the entries. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from volsculpt.contracts.currencies import peg_of
from volsculpt.contracts.payoff import INVERSE, PAYOFF_CODE, value
from volsculpt.contracts.spec import Contract
from volsculpt.ledger.entry import Entry
from volsculpt.ledger.events import FlowBooked, Intended, Operated, QuoteObserved, Stated
from volsculpt.market.quotes import Quotes
from volsculpt.trade.connections import ContractOf
from volsculpt.trade.observe.assemble import LastPrices, newest
from volsculpt.units import DAY_NS

KINDS = ("statement", "quote", "intent", "operator", "flow")
BY_HAND_FLOW = "vf-"  # what ids of coins that a person let come or go begin with


@dataclass(slots=True)
class Recall:
    """Kept current by the desk. Everything in it can be read again from the ledger.

    adopted: account -> the statement its books were taken from. recent: (time, US
    dollars) of orders intended in the last day. last: the newest price of everything. begun: a
    mark of this ledger alone; begun_ns: when it was first started. run: of the venues' connection,
    which a ledger that was restored cannot repeat.
    declared: coins of accounts that no venue states, as the mandate said at the last start.
    stopped_seq: the entry by which a person stopped all that was being sent; 0: none.
    flows: coins that a person let come from outside or go there. stated: coins of accounts that
    venues state, as the mandate said at the first start that named them.
    """

    adopted: dict[str, Stated] = field(default_factory=dict)
    recent: list[tuple[int, float]] = field(default_factory=list)
    last: LastPrices = field(default_factory=LastPrices)
    begun: str = ""
    begun_ns: int = 0
    declared: dict[str, dict[str, float]] = field(default_factory=dict)
    run: str = ""
    stopped_seq: int = 0
    flows: list[FlowBooked] = field(default_factory=list)
    stated: dict[str, dict[str, float]] = field(default_factory=dict)

    @property
    def ids(self) -> str:
        """What the ids of orders and transfers begin with. Worked: "9f3c2a17r2"."""
        return self.begun + self.run


def recalled(entries: Iterable[Entry], contract_of: ContractOf) -> Recall:
    """Everything recalled from a ledger's entries of the KINDS."""
    found = Recall()
    for entry in entries:
        recall(found, entry, contract_of)
    return found


def recall(found: Recall, entry: Entry, contract_of: ContractOf) -> None:
    """Fold one entry."""
    event = entry.event
    if isinstance(event, Stated):
        if event.adopted:
            found.adopted[event.account] = event
    elif isinstance(event, QuoteObserved):
        found.last = newest(found.last, event, entry.time_ns)
    elif isinstance(event, Intended):
        contract = contract_of(event.contract)
        if contract is not None:
            face = face_usd(contract, event.contracts, event.reference_price, found.last.quotes)
            found.recent.append((entry.time_ns, face))
        while found.recent and found.recent[0][0] <= entry.time_ns - DAY_NS:
            found.recent.pop(0)
    elif isinstance(event, Operated) and event.action == "start":
        found.begun = found.begun or mark_of(entry.hash)
        found.begun_ns = found.begun_ns or entry.time_ns
        found.declared = event.arguments.get("declared", {})
        found.stated = {**event.arguments.get("stated", {}), **found.stated}
    elif isinstance(event, Operated) and event.action in ("pause", "flatten"):
        found.stopped_seq = entry.seq
    elif isinstance(event, FlowBooked) and event.flow_id.startswith(BY_HAND_FLOW):
        found.flows.append(event)


def mark_of(start_hash: str) -> str:
    """The mark of a ledger, by the hash of its first start. Worked: "9f3c2a17"."""
    return start_hash[:8]


def face_usd(contract: Contract, contracts: float, price: float, last: Quotes) -> float:
    """US dollars of an order's face.

    Args: contracts: signed or not; price: in quote.
    """
    code = PAYOFF_CODE[contract.payoff]
    if code == INVERSE:
        return abs(contracts) * contract.multiplier * _worth_usd(contract.quote, last)
    coins = abs(value(code, contracts, contract.multiplier, price))
    return coins * _worth_usd(contract.settle, last)


def _worth_usd(currency: str, last: Quotes) -> float:
    """US dollars for one unit, a stablecoin without a price its peg; one where nothing is known."""
    peg = peg_of(currency)
    return last.index.get(currency, last.index.get(peg, 1.0) if peg is not None else 1.0)
