"""Every error volsculpt raises on purpose: what is wrong, where, and the fix.

    VolsculptError
    ├── MandateError      the mandate file: a key, a value, a reference
    ├── ContractError     a contract that is unknown, incomplete or wrongly named
    │   └── LifeError     one that does not exist at the time asked for
    ├── PriceError        a price that is missing or impossible
    ├── HistoryError      stored or imported history that cannot be used as it is
    ├── BookError         holdings that contradict each other
    ├── PolicyError       a user's policy that cannot be loaded or answers nonsense
    ├── ReportError       a report that cannot be made or written, or lacks what is asked of it
    ├── LedgerError       a ledger that cannot be read, written or trusted, or is in use
    │   └── LedgerWriteError  one that takes no more while a desk runs
    ├── VenueError        a venue that refused, failed, or did not answer
    ├── EstimateError     returns that no hedge ratio can be estimated from
    └── MissingExtra      an optional library that is not installed

Each message names the place first, then the fix. The class attribute ``exit_code``
is what the command line exits with.
"""


class VolsculptError(Exception):
    """Base of all errors raised on purpose; ``str(error)`` is written for people."""

    exit_code = 1


class MandateError(VolsculptError):
    """The mandate cannot be used; holds every problem found, one line each."""

    exit_code = 2

    def __init__(self, problems: str | list[str]) -> None:
        self.problems = [problems] if isinstance(problems, str) else list(problems)
        super().__init__("\n".join(self.problems))


class ContractError(VolsculptError):
    """A contract is unknown, lacks a figure that is needed, or is wrongly named."""

    exit_code = 3


class LifeError(ContractError):
    """A contract does not exist at the time asked for; `key` names it."""

    def __init__(self, key: str, problem: str) -> None:
        self.key = key
        super().__init__(f"{key} {problem}")


class PriceError(VolsculptError):
    """A price or rate is missing, not finite or not positive."""

    exit_code = 4


class BookError(VolsculptError):
    """Holdings contradict each other, for example more margin posted than owned."""

    exit_code = 5


class PolicyError(VolsculptError):
    """A policy of the user's own cannot be loaded, or its answer is not a ratio."""

    exit_code = 6


class MissingExtra(VolsculptError):
    """A feature needs an optional library; the message names the extra to install."""

    exit_code = 7


NO_PANDAS = "a pandas frame needs pandas: pip install pandas, or ask for to_polars()"


class HistoryError(VolsculptError):
    """A price or funding history is impossible, contradicts itself, or is not there."""

    exit_code = 8


class ReportError(VolsculptError, ValueError):
    """A report cannot be made, has no such part, or cannot be written.

    A ValueError too, as Python's own for an argument that cannot be meant.
    """

    exit_code = 9


class LedgerError(VolsculptError):
    """A ledger cannot be read or written, its chain or balance is broken, or it is in use."""

    exit_code = 10


class LedgerBusyError(LedgerError):
    """Another process writes a ledger; one may at a time."""


class LedgerWriteError(LedgerError):
    """A ledger takes no more, for its disk is full or fails; what it has is whole."""

    exit_code = 13


class VenueError(VolsculptError):
    """A venue refused, failed, or did not answer; the desk decides what that means."""

    exit_code = 11


class EstimateError(VolsculptError, ValueError):
    """No hedge ratio can be estimated from these returns, or with these parameters.

    A ValueError too, as scikit-learn's conventions ask.
    """

    exit_code = 12
