"""The macro overlays of a mandate: the files they name, and what may not stand in two places."""

from collections.abc import Sequence
from pathlib import Path

from volsculpt.errors import PolicyError
from volsculpt.hedge.spec import Hedge, MacroOverlay
from volsculpt.mandate.hedge_tables import OverlayTable
from volsculpt.mandate.locations import Loc
from volsculpt.mandate.policies import NO_FILE
from volsculpt.mandate.reading import Reading


def read_macro(reading: Reading, hedges: Sequence[Hedge]) -> tuple[MacroOverlay, ...]:
    """Macro overlays, in file order; one a hedge at most, none on what its policy reads already."""
    found: list[MacroOverlay] = []
    wanted: set[str] = set()
    for row, table in enumerate(reading.tables.overlay):
        if table.kind != "macro":
            continue
        loc: Loc = ("overlay", row)
        text = _text(reading, (*loc, "file"), table)
        over = [one for one in hedges if table.underlying in (None, one.underlying)]
        for hedge in over:
            if hedge.underlying in wanted:
                reading.add(loc, f"a macro overlay is on {hedge.underlying} already; keep one")
            wanted.add(hedge.underlying)
            if text is not None:
                _read_once(reading, loc, hedge, text, [one.underlying for one in hedges])
        if text is not None:
            found.append(MacroOverlay(text, table.underlying))
            _note(reading, text, table.underlying)
    _unused(reading)
    return tuple(found)


def _text(reading: Reading, loc: Loc, table: OverlayTable) -> str | None:
    """What the file of an overlay says; that of the package where none is named."""
    from volsculpt.hedge.regimes.macro_reading import macro_text

    if table.file is None:
        for path in _with_overlay(reading):
            problem = (
                f'is missing: {path.name} has an [overlay] of its own; write file = "{path.name}", '
                f"or take it out of there"
            )
            reading.add(loc, problem)
        return macro_text()
    if reading.path is None:
        reading.add(loc, NO_FILE)
        return None
    try:
        return macro_text(reading.path.parent / table.file)
    except PolicyError as error:
        reading.add(loc, str(error))
        return None


def _read_once(reading: Reading, loc: Loc, hedge: Hedge, text: str, hedged: Sequence[str]) -> None:
    """A problem where the policy of a hedge reads what the overlay on it reads too."""
    from volsculpt.hedge.regimes.macro_reading import macro_in, read_twice

    coin = hedge.underlying
    own = hedge.policy.needs(coin, hedged).get(coin, ())
    twice = read_twice(own, macro_in(text, coin).features, coin)
    if twice:
        reading.add(
            loc,
            f"{', '.join(twice)} would count twice for {coin}: it stands in the evidence of policy "
            f'= "{hedge.policy.NAME}" and in this overlay; take it out of one of the two files',
        )


def _note(reading: Reading, text: str, underlying: str | None) -> None:
    """That an overlay is on, and how far it goes."""
    from volsculpt.hedge.regimes.macro_reading import macro_in
    from volsculpt.hedge.regimes.reading import SOME_COIN
    from volsculpt.text import percent

    most = percent(macro_in(text, underlying or SOME_COIN).most)
    whom = underlying or "every hedge"
    reading.note(f"{whom}: figures of the economy tilt the ratio by up to {most} (macro overlay)")


def _unused(reading: Reading) -> None:
    """Check the overlays of frameworks that nothing asks for, and note that they are off."""
    named = {table.file for table in reading.tables.overlay if table.kind == "macro"}
    for path in _with_overlay(reading):
        if None in named or path.name in {Path(one or "").name for one in named}:
            continue  # said as a problem, or read
        from volsculpt.hedge.regimes.macro_reading import macro_text

        try:
            macro_text(path)
        except PolicyError as error:
            reading.add(("overlay",), str(error))
        reading.note(
            f'{path.name}: its [overlay] is off; [[overlay]] kind = "macro", file = "{path.name}" '
            f"turns it on"
        )


def _with_overlay(reading: Reading) -> list[Path]:
    """The frameworks that hedges name and that have an [overlay]; those unreadable are left out."""
    frameworks = [getattr(one, "framework", None) for one in reading.tables.hedge]
    named = dict.fromkeys(one for one in frameworks if one is not None)
    if reading.path is None or not named:
        return []
    from volsculpt.hedge.regimes.reading import OVERLAY, toml_at

    found = []
    for file in named:
        path = reading.path.parent / file
        try:
            found += [path] if OVERLAY in toml_at(path) else []
        except PolicyError:
            continue  # said at the hedge
    return found
