"""What an evaluation comes to, in one sentence, and what is to be said of its runs."""

from collections.abc import Iterator, Sequence

from volsculpt.report.rows.evaluation import Claim, EvidenceRow
from volsculpt.report.stats.evidence import Standing
from volsculpt.simulate.walk_forward import WalkForward

STATIC = "a static hedge of the same mean ratio"
WORDS: dict[Standing, dict[Claim, str]] = {
    "evidence": {
        "variance": "{} took variance away",
        "bad_days": f"{{}} made bad days milder than {STATIC}",
        "sharpe": f"{{}} earned more for the risk than {STATIC}",
    },
    "evidence against": {
        "variance": "{} added variance",
        "bad_days": f"{{}} made bad days worse than {STATIC}",
        "sharpe": f"{{}} earned less for the risk than {STATIC}",
    },
    "may be luck": {
        "variance": "that {} varied less than no hedge",
        "bad_days": f"that {{}} had milder bad days than {STATIC}",
        "sharpe": f"that {{}} earned more for the risk than {STATIC}",
    },
    "no evidence": {
        "variance": "{} varied no less than no hedge",
        "bad_days": f"{{}} had no milder bad days than {STATIC}",
        "sharpe": f"{{}} earned no more for the risk than {STATIC}",
    },
}
HEADS: dict[Standing, str] = {
    "evidence": "What is evidence",
    "evidence against": "what is evidence against",
    "may be luck": "what may be luck",
    "no evidence": "what is no evidence either way",
}


def listed(names: Sequence[str]) -> str:
    """Names in a sentence. Worked: a, b, c -> "a, b and c"."""
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def verdict(evidence: Sequence[EvidenceRow], variants: int) -> str:
    """One sentence: what is evidence, for or against, what may be luck, and what tells nothing.

    evidence: every claim of every mandate. variants: how many were tried.
    """
    parts = []
    for standing, head in HEADS.items():
        claims = list(_claims(evidence, standing))
        if claims or standing == "evidence":
            parts.append(f"{head}: {', and '.join(claims) or 'nothing'}")
    untimed = list(_untimed(evidence))
    parts += [f"no evidence of timing skill of {listed(untimed)}"] if untimed else []
    dark = list(dict.fromkeys(row.mandate for row in evidence if row.standing is None))
    parts += [f"too little is known of {listed(dark)} to tell"] if dark else []
    return f"{'; '.join(parts)} ({variants} variant{'s' if variants != 1 else ''} tried)."


def _claims(evidence: Sequence[EvidenceRow], standing: Standing) -> Iterator[str]:
    """The claims that stand so, each with its mandates, in words."""
    for claim, words in WORDS[standing].items():
        names = [row.mandate for row in evidence if (row.claim, row.standing) == (claim, standing)]
        if names:
            yield words.format(listed(names))


def _untimed(evidence: Sequence[EvidenceRow]) -> Iterator[str]:
    """The mandates of which no gain on the static hedge is evidence."""
    timing = [row for row in evidence if row.claim != "variance" and row.standing is not None]
    timed = {row.mandate for row in timing if row.is_evidence}
    yield from dict.fromkeys(row.mandate for row in timing if row.mandate not in timed)


def all_warnings(walks: Sequence[WalkForward]) -> Iterator[str]:
    """Warnings of all runs, each once; of which mandates, where it is not all of them."""
    walks_by_text: dict[str, list[str]] = {}
    for walk in walks:
        for text in dict.fromkeys(text for one in walk.records for text in one.warnings):
            walks_by_text.setdefault(text, []).append(walk.name)
    for text, names in walks_by_text.items():
        code, _, rest = text.partition(": ")
        yield text if len(names) == len(walks) else f"{code}: {listed(names)}: {rest}"
