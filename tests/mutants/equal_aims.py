"""Single changes of aims and statistics that nobody could see: the same is answered."""

from tests.mutants.because import EDGE, FASTER

AIMS: dict[tuple[str, str, str], str] = {
    (
        "volatility.py",
        "return folded(0.0, memory or NOTHING_SEEN, rows, self.half_life_ns)[1]",
        "0.0 -> 1.0",
    ): "the trend before it is not asked for",
    (
        "effectiveness.py",
        "out = (gap < -hedge.under - EDGE) | (gap > hedge.over + EDGE)",
        "< -> <=",
    ): EDGE,
    (
        "effectiveness.py",
        "out = (gap < -hedge.under - EDGE) | (gap > hedge.over + EDGE)",
        "> -> >=",
    ): EDGE,
    ("estimators/liquidation.py", "GRID = 201", "201 -> 202"): FASTER,
    (
        "window.py",
        "spanned = known[-1] - known[0] if known else 0",
        "0 -> 1",
    ): "where nothing is known no span is told",
    (
        "refit.py",
        "return fed_words(what, None, 0, 0, 0)",
        "0 -> 1",
    ): "where nothing is known no span is told",
}
