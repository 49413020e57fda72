"""Single changes of aims and statistics that nobody could see: the same is answered."""

from tests.mutants.because import EDGE, FASTER

INSIDE = "the least lies well inside its cell, also where that is a little narrower"
NO_SPAN = "where nothing is known no span is told"

AIMS: dict[tuple[str, str, str], str] = {
    (
        "volatility.py",
        "return folded(0.0, memory or NO_OBSERVATIONS, rows, self.half_life_ns)[1]",
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
    (
        "ols.py",
        "found[1:] = rolled.fit(params_only=True).params[:, 1:]",
        "True -> False",
    ): FASTER,
    ("estimators/liquidation.py", "step = self.most / (GRID - 1)", "1 -> 0"): INSIDE,
    ("estimators/liquidation.py", "step = self.most / (GRID - 1)", "- -> +"): INSIDE,
    (
        "dcc.py",
        "MOST_LASTING = 0.9999",
        "0.9999 -> 1.9998",
    ): "no likelihood is greatest out there, and each search comes from inside",
    ("estimators/liquidation.py", "GRID = 201", "201 -> 202"): FASTER,
    (
        "level.py",
        "return fed_words(self.stream(coin).words, age, self.fresh_ns, 0, 0)",
        "0 -> 1",
    ): "a level that is fresh lacks nothing",
    (
        "rank.py",
        "held = memory or RankMemory(None, (), (), -1, None)",
        "1 -> 0",
    ): "no price is of the first day of 1970",
    (
        "rank.py",
        "held = memory or RankMemory(None, (), (), -1, None)",
        "-1 -> (1)",
    ): "no price is of the first days of 1970",
    (
        "window.py",
        "spanned = available_ns[-1] - available_ns[0] if available_ns else 0",
        "0 -> 1",
    ): NO_SPAN,
    (
        "pressure.py",
        "spanned = memory.seen.last_ns - memory.seen.first_ns if memory is not None else 0",
        "0 -> 1",
    ): NO_SPAN,
    (
        "pressure.py",
        "spanned = memory.last_ns - memory.first_ns if memory is not None else 0",
        "0 -> 1",
    ): NO_SPAN,
    (
        "har.py",
        "spanned = len(memory.variances) + memory.fitted if memory is not None else 0",
        "0 -> 1",
    ): NO_SPAN,
    ("refit.py", "return fed_words(what, None, 0, 0, 0)", "0 -> 1"): NO_SPAN,
}
