"""What an evaluation comes to, in one sentence, and what is to be said of its runs."""

from collections.abc import Iterator, Sequence

from volsculpt.report.rows.evaluation import Claim, EvidenceRow
from volsculpt.simulate.walk_forward import WalkForward

PROVEN: dict[Claim, str] = {
    "variance": "{} took variance away",
    "bad_days": "{} made bad days milder than a static hedge of the same mean ratio",
    "sharpe": "{} earned more for the risk than a static hedge of the same mean ratio",
}


def listed(names: Sequence[str]) -> str:
    """Names in a sentence. Worked: a, b, c -> "a, b and c"."""
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def verdict(evidence: Sequence[EvidenceRow], variants: int) -> str:
    """One sentence: what is evidence, and what may be luck.

    evidence: every claim of every mandate. variants: how many were tried.
    """
    judged = [row for row in evidence if row.share is not None]
    proven = [text for claim in PROVEN for text in _proven(judged, claim)]
    lucky = list(_lucky(judged))
    dark = list(dict.fromkeys(row.mandate for row in evidence if row.share is None))
    parts = [f"What is evidence: {', and '.join(proven) or 'nothing'}"]
    parts += [f"what may be luck: {', and '.join(lucky)}"] if lucky else []
    parts += [f"too little is known of {listed(dark)} to tell"] if dark else []
    return f"{'; '.join(parts)} ({variants} variant{'s' if variants != 1 else ''} tried)."


def _proven(judged: Sequence[EvidenceRow], claim: Claim) -> Iterator[str]:
    """The mandates for which a claim is evidence, in words."""
    names = [row.mandate for row in judged if row.claim == claim and row.is_evidence]
    if names:
        yield PROVEN[claim].format(listed(names))


def _lucky(judged: Sequence[EvidenceRow]) -> Iterator[str]:
    """What is left to luck: variance not taken away for sure, and timing without evidence."""
    doubt = [row.mandate for row in judged if row.claim == "variance" and not row.is_evidence]
    if doubt:
        yield f"that {listed(doubt)} varied less than no hedge"
    timed = {row.mandate: False for row in judged}
    for row in judged:
        timed[row.mandate] |= row.claim != "variance" and row.is_evidence
    untimed = [name for name, is_timed in timed.items() if not is_timed]
    if untimed:
        yield (
            f"all that {listed(untimed)} gained on a static hedge of the same mean ratio: no "
            f"evidence of timing skill"
        )
    rest = [
        row.mandate
        for row in judged
        if timed[row.mandate] and row.claim == "sharpe" and not row.is_evidence
    ]
    if rest:
        yield f"any gain of Sharpe of {listed(rest)} on its static hedge"


def all_warnings(walks: Sequence[WalkForward]) -> Iterator[str]:
    """Warnings of all runs, each once; of which mandates, where it is not all of them."""
    said: dict[str, list[str]] = {}
    for walk in walks:
        for text in dict.fromkeys(text for one in walk.records for text in one.warnings):
            said.setdefault(text, []).append(walk.name)
    for text, names in said.items():
        code, _, rest = text.partition(": ")
        yield text if len(names) == len(walks) else f"{code}: {listed(names)}: {rest}"
