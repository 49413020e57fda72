"""What the user says of files to import, which goes before any guess."""

from dataclasses import dataclass, field

from volsculpt.market.forms import Stamp


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """What the user says of a file; None is guessed. columns: our name -> the file's.

    stamp: "open" or "close", what bars are stamped with. percent: rates are in percent.
    skip_empty: rows without any figure are left out, as gaps. name, unit, lag: of figures that are
    no prices.
    """

    venue: str | None = None
    symbol: str | None = None
    role: str | None = None
    quote: str | None = None
    interval: str | None = None
    zone: str | None = None
    source: str | None = None
    columns: dict[str, str] = field(default_factory=dict)
    stamp: Stamp | None = None
    percent: bool = False
    skip_empty: bool = False
    name: str | None = None
    unit: str | None = None
    lag: str | None = None
