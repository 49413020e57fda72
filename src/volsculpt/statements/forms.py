"""Forms of account statements: which columns are which, and what each kind of row is.

The table is `forms.toml`, with the page of the venue that each form is from.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

from volsculpt.errors import HistoryError
from volsculpt.market.columns import plain
from volsculpt.market.instruments import COINS
from volsculpt.parsing import toml_of

Meaning = Literal[
    "fill",
    "position",
    "cash",
    "profit",
    "funding",
    "fee",
    "interest",
    "insurance",
    "flow",
    "transfer",
    "convert",
    "spot or fill",
    "nothing",
]
FeeSign = Literal["paid", "received", "told"]
Counts = Literal["units", "contracts"]
STAKED = (".S", ".M", ".F", ".B", ".P")  # behind the name of a coin that earns
MOST_NAMED = 12


@dataclass(frozen=True, slots=True)
class StatementForm:
    """A form of file. columns, kinds, coins: ours by theirs, as `forms.toml` says.

    zone: of its times, where the file need not say; short_years: 26-03-17 is a day of 2026;
    unique_ids: no two rows share one, else an id counts with the row's kind and coin.
    """

    name: str
    file: str
    venue: str
    kind: str
    source: str
    needs: tuple[str, ...]
    columns: Mapping[str, Sequence[str]]
    kinds: Mapping[str, Meaning] = field(default_factory=dict)
    coins: Mapping[str, str] = field(default_factory=dict)
    fee: FeeSign = "paid"
    counts: Counts = "units"
    beside: tuple[str, ...] = ()
    zone: str | None = None
    short_years: bool = False
    unique_ids: bool = False
    positions: bool = False

    def found(self, there: Sequence[str]) -> dict[str, str]:
        """Our name -> the column of a table, of those that are there."""
        by_plain = {plain(name): name for name in reversed(there)}
        names = {
            ours: next((by_plain[plain(one)] for one in theirs if plain(one) in by_plain), None)
            for ours, theirs in self.columns.items()
        }
        return {ours: name for ours, name in names.items() if name is not None}

    def fits(self, there: Sequence[str]) -> bool:
        """Whether a table has the columns that tell this form."""
        return set(self.needs) <= set(self.found(there))

    def unknown(self, there: Sequence[str]) -> list[str]:
        """Columns of a table that this form does not know."""
        recognised = {plain(one) for one in self.beside}
        recognised |= {plain(one) for one in self.found(there).values()}
        return [name for name in there if plain(name) not in recognised]

    def meaning(self, kind: str, action: str) -> Meaning | None:
        """What rows of a kind are; None: the form does not know.

        Worked: of OKX "Swap", "Open short" is a fill by "*|Open short".
        """
        names = {key.lower(): one for key, one in self.kinds.items()}
        kind, action = kind.strip().lower(), action.strip().lower()
        tried = (f"{kind}|{action}", f"*|{action}", kind)
        return next((names[one] for one in tried if one in names), None)

    def coin(self, name: str) -> str:
        """A coin by the name that is usual. Worked: Kraken's XXBT and XBT.F are BTC."""
        text = name.strip().upper()
        for ending in STAKED:
            text = text.removesuffix(ending)
        text = self.coins.get(text, text)
        return COINS.get(text, text)


@cache
def statement_forms() -> tuple[StatementForm, ...]:
    """Every form, in the order of the table."""
    text = Path(__file__).with_name("forms.toml").read_text(encoding="utf-8")
    return tuple(_form(one) for one in toml_of(text)["form"])


def _form(row: Mapping[str, Any]) -> StatementForm:
    """A row of the table."""
    lists = {name: tuple(row[name]) for name in ("needs", "beside") if name in row}
    return StatementForm(**{**row, **lists})


def form_of(there: Sequence[str], place: str) -> StatementForm:
    """The form that a table is in: of several that fit the one with most of its columns.

    Raises HistoryError that lists the columns, and the forms there are.
    """
    fits = [one for one in statement_forms() if one.fits(there)]
    if not fits:
        more = f" and {len(there) - MOST_NAMED} more" if len(there) > MOST_NAMED else ""
        raise HistoryError(
            f"{place}: its columns ({', '.join(there[:MOST_NAMED])}{more}) are those of no "
            f"statement that is known; known are {_names(statement_forms())}; "
            f"`volsculpt import-statement --forms` lists their columns"
        )
    return max(fits, key=lambda one: len(one.needs))


def _names(forms: Iterable[StatementForm]) -> str:
    return ", ".join(one.name for one in forms)
