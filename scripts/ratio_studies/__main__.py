"""Run the studies of docs/ratio.md: python -m scripts.ratio_studies [STORE OUT [STUDY ...]]

STORE is a store of histories as `volsculpt data import` makes it; nothing is downloaded. OUT gets
what is written on the way. Figures go to docs/ratio.json, and from there into tables and pictures
of the page. Without arguments these are made again from the figures that are kept.
"""

import sys
from pathlib import Path

from scripts.ratio_studies import (
    band,
    carry,
    effectiveness,
    gating,
    hidden,
    liquidation,
    regime,
    volatility,
)
from scripts.ratio_studies.kept import PAGE, keep, read, with_tables
from scripts.ratio_studies.pictures import draw

STUDIES = {
    "regime": regime,
    "volatility": volatility,
    "effectiveness": effectiveness,
    "liquidation": liquidation,
    "gating": gating,
    "carry": carry,
    "band": band,
    "hidden": hidden,
}


def page_tables() -> dict[str, str]:
    """Every table of the page, from the figures that are kept."""
    kept = read()
    found: dict[str, str] = {}
    for name, module in STUDIES.items():
        if name in kept:
            found |= module.tables(kept[name])
    return found


def main(arguments: list[str]) -> int:
    """Run the studies asked for, all by default, and write the tables."""
    wanted = arguments[2:] or (list(STUDIES) if arguments else [])
    if len(arguments) == 1 or not set(wanted) <= set(STUDIES):
        names = " | ".join(STUDIES)
        print(f"python -m scripts.ratio_studies [STORE OUT [{names}]]", file=sys.stderr)
        return 2
    for name in wanted:
        store, out = Path(arguments[0]), Path(arguments[1])
        out.mkdir(parents=True, exist_ok=True)
        keep(name, STUDIES[name].study(store, out))
    draw(read())
    PAGE.write_text(with_tables(PAGE.read_text(encoding="utf-8"), page_tables()), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
