"""Random books through the laws of money over time: `python -m tests.laws.run --books 20000`.

Prints what broke with its seed, then how often each law broke and what kinds of book were seen.
Exit 1 when a law broke.
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field

from tests.laws import judge, neighbours
from tests.laws.counts import kinds_of
from tests.laws.drawn import VENUES, Drawn, draw
from tests.laws.judge import Broken
from tests.laws.rounds import Trace, book_after, is_silent, moves_asked, run
from tests.laws.tracks import same_first_orders
from tests.laws.walks import table
from volsculpt.errors import VolsculptError

MOST_ROUNDS = 40
TRACKED = 50  # one book in so many is also laid out as a backtest lays it out


@dataclass
class Seen:
    """What a set of seeds showed."""

    books: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    laws: Counter[str] = field(default_factory=Counter)
    rounds: Counter[int] = field(default_factory=Counter)
    broken: list[tuple[int, Broken]] = field(default_factory=list)

    def add(self, other: "Seen") -> None:
        """Count another set too."""
        self.books += other.books
        self.kinds += other.kinds
        self.laws += other.laws
        self.rounds += other.rounds
        self.broken += other.broken


def judged(drawn: Drawn, seen: Seen) -> Iterator[Broken]:
    """Every law on one book."""
    prompt = run(drawn, MOST_ROUNDS)
    kinds = kinds_of(drawn, prompt)
    seen.kinds.update(kinds)
    seen.rounds[prompt.rounds if prompt.rested else MOST_ROUNDS] += 1
    found = list(of_trace(drawn, prompt))
    yield from found
    if "moved coins" in kinds:
        known = {one.law for one in found}
        for one in of_trace(drawn, run(drawn, MOST_ROUNDS, late=True)):
            if one.law not in known:
                yield Broken(f"{one.law} (late transfers)", one.words)
    if not drawn.sliced:
        yield from of_neighbours(drawn)
    if drawn.seed % TRACKED == 0:
        yield from same_first_orders(drawn)


def of_trace(drawn: Drawn, trace: Trace) -> Iterator[Broken]:
    """The laws on what happened over the rounds."""
    yield from judge.rests(trace, MOST_ROUNDS)
    yield from judge.to_and_fro(trace, drawn)
    yield from judge.dust(trace, drawn)
    yield from judge.limits_at_rest(drawn, trace)
    for decision, moves in zip(trace.decisions, trace.moves, strict=True):
        if is_silent(decision, moves):
            continue
        after = book_after(decision, moves)
        yield from judge.free_coins_stay(after)
        yield from judge.limits_after(drawn, decision, after)
        yield from judge.whole_lots(decision, after)
        yield from judge.never_crosses(drawn, decision, after)


def of_neighbours(drawn: Drawn) -> Iterator[Broken]:
    """The laws that compare the first decision with that on a book a little different."""
    whole = neighbours.in_one_order(drawn)
    first = whole.decided()
    after = book_after(first, moves_asked(first))
    yield from neighbours.tighter_is_less(whole, first, after)
    yield from neighbours.more_is_not_less(whole, first, after)


def seeds_seen(seeds: Iterable[int], venues: Sequence[str] = VENUES) -> Seen:
    """Draw and judge the books of some seeds; each law counts once a book."""
    seen = Seen()
    for seed in seeds:
        seen.books += 1
        laws: dict[str, Broken] = {}
        try:
            for broken in judged(draw(seed, venues), seen):
                laws.setdefault(broken.law, broken)
        except (ArithmeticError, LookupError, ValueError, VolsculptError) as error:
            law = f"error {type(error).__name__}"
            laws[law] = Broken(law, str(error).splitlines()[0][:160] if str(error) else "")
        seen.laws.update(laws.keys())
        seen.broken += [(seed, broken) for broken in laws.values()]
    return seen


def described(drawn: Drawn) -> str:
    """A book in a screenful."""
    setup = drawn.setup
    lines = [f"index {drawn.quotes.index}", f"marks {drawn.quotes.contract}"]
    for one in setup.book.accounts:
        lines.append(f"{one.name} {one.venue or one.kind} {one.margin_mode} {one.leverage}")
        lines.append(f"  {one.balances} weights {one.collateral_weights}")
        for line in one.positions:
            lines.append(
                f"  {line.contract.key} {line.contracts:g} @ {line.entry:.8g} "
                f"margin {line.margin} leverage {line.leverage}"
            )
    for hedge, used in zip(setup.hedges, setup.legs, strict=True):
        lines.append(f"hedge {hedge.underlying} {hedge.policy} {hedge.base} {hedge.coins}")
        lines.append(f"  {hedge.band} proxies {hedge.proxies}")
        for name, contract, retire in used:
            rule = contract.margin
            tiers = [(t.floor, t.maintenance_rate) for t in rule.tiers][:4] if rule else None
            lines.append(
                f"  {name} {contract.key} {contract.payoff} x{contract.multiplier} lot "
                f"{contract.lot} fee {contract.fees.taker} retire {retire} "
                f"{rule and (rule.kind, rule.unit, rule.base, rule.rate_base, rule.rate_slope)} "
                f"{tiers}"
            )
    return "\n".join([*lines, str(setup.limits), *map(str, setup.collateral)])


def shown(seen: Seen, examples: int) -> str:
    """The tables, and some seeds of every law that broke."""
    lines = [f"{seen.books} books"]
    lines += [f"  {count:>7}  {kind}" for kind, count in sorted(seen.kinds.items())]
    lines.append(
        "rounds to rest: " + ", ".join(f"{n}: {c}" for n, c in sorted(seen.rounds.items()))
    )
    lines.append(f"laws broken: {sum(seen.laws.values())}")
    for law, count in seen.laws.most_common():
        lines.append(f"  {count:>7}  {law}")
        found = [(seed, one.words) for seed, one in seen.broken if one.law == law]
        lines += [f"             seed {seed}: {words}" for seed, words in found[:examples]]
    return "\n".join(lines)


def chunks(first: int, books: int, size: int) -> list[range]:
    """Ranges of seeds."""
    return [range(at, min(at + size, first + books)) for at in range(first, first + books, size)]


def told(seed: int) -> str:
    """One book, its first rounds, and what it breaks."""
    drawn, seen = draw(seed), Seen()
    lines = [described(drawn)]
    trace = run(drawn, MOST_ROUNDS)
    for step, (decision, moves) in enumerate(zip(trace.decisions, trace.moves, strict=True)):
        if step < 6:
            ways = [f"{m.coins:.8g} {m.currency} {m.source}>{m.target}" for m in moves]
            lines.append(f"round {step}: {judge.traded(decision)} {ways}")
    lines += [f"BROKEN {one.law}: {one.words}" for one in judged(drawn, seen)]
    return "\n".join(lines)


def main(argv: list[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--books", type=int, default=1000)
    parser.add_argument("--from-seed", type=int, default=0)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--examples", type=int, default=3, help="seeds shown of each law")
    parser.add_argument("--seed", type=int, help="show one book and what it breaks")
    parser.add_argument("--walks", type=int, help="instead: so many random walks of each case")
    parser.add_argument("--days", type=int, default=60, help="length of a walk")
    given = parser.parse_args(argv)
    if given.walks is not None:
        words, broken = table(given.walks, given.days)
        print("\n".join([words, *broken]))
        return 1 if broken else 0
    if given.seed is not None:
        print(told(given.seed))
        return 0
    began, seen = time.perf_counter(), Seen()
    ranges = chunks(given.from_seed, given.books, 100)
    if given.processes == 1:
        for seeds in ranges:
            seen.add(seeds_seen(seeds))
    else:
        with ProcessPoolExecutor(given.processes) as pool:
            for found in pool.map(seeds_seen, ranges):
                seen.add(found)
    print(shown(seen, given.examples))
    print(f"{time.perf_counter() - began:.1f} s", file=sys.stderr)
    return 1 if seen.laws else 0


if __name__ == "__main__":
    sys.exit(main())
