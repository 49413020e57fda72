"""The programme of `joint.py`: written once for a book, solved for one covariance after another.

Clarabel solves it, the interior-point solver that cvxpy brings. HiGHS solves the linear programmes
elsewhere; its active-set method for quadratic ones (1.16.0) went round in circles at the optimum
of one book in some hundred.
"""

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from volsculpt.errors import EstimateError
from volsculpt.hedge.estimators.extra import models
from volsculpt.hedge.estimators.joint import (
    NOTHING,
    TIE,
    BindingLimit,
    JointBook,
    JointLeg,
    JointPreferences,
    JointProposal,
    joint_objective,
    ratio_of,
    regression_of,
    root_of,
)
from volsculpt.market.gate import Floats
from volsculpt.units import DAYS_PER_YEAR

# Ties are small; what Clarabel calls almost solved is within the reduced ones, near enough.
EXACT = {"tol_gap_abs": 1e-11, "tol_gap_rel": 1e-11, "tol_feas": 1e-10}
EXACT |= {"reduced_tol_gap_abs": 1e-9, "reduced_tol_gap_rel": 1e-9, "reduced_tol_feas": 1e-8}
LEAST_WORTH = (
    1e-3  # a year: 1,000 US dollars more of a limit that count for less than 1 bind nothing
)
AROUND = 1.5  # times what a regression takes: the most that is asked of one proxy
LEAST_START = 1e-3  # of wealth: what asks for less of a coin is drawn there no harder


def preferred_count(legs: Sequence[JointLeg], row: int) -> int:
    """How many legs of the same coin are preferred to one."""
    return sum(leg.coin == legs[row].coin for leg in legs[:row])


def solved(variable: Any) -> Floats:  # noqa: ANN401 - of cvxpy
    """What a variable came to."""
    return np.asarray(variable.value, dtype=np.float64)


def no_ratios(book: JointBook) -> str:
    """Why no ratios obey all limits, and what to change.

    Worked: 2 BTC declared of which 1 is there: at a ratio of 0 the other is still to be bought.
    """
    names = sorted({one.limit for one in book.rows}) or ["the size venues allow"]
    room = f"than {', '.join(names)} leave room for"
    mend = "raise that limit, or bring coins to the margin accounts"
    if any(one.least > 0.0 for one in book.hedges):
        return (
            f"joint: no ratios obey all limits: min_ratio asks for more {room}; lower min_ratio, "
            f"{mend}"
        )
    still = [one.name for one in book.hedges if abs(one.offset + one.least * one.base) > NOTHING]
    return (
        f"joint: no ratios obey all limits: {', '.join(still) or 'what is held'} asks for more "
        f"{room} at its lowest ratio too, as coins are declared or owed that are not there; {mend}"
    )


class JointModel:
    """The programme of a book, made once and solved for one covariance after another."""

    _cp: Any  # the library, which is an extra

    def __init__(self, book: JointBook, preferences: JointPreferences) -> None:
        with models():
            import cvxpy as cp
        self.book, self.preferences, self._cp = book, preferences, cp
        legs = len(book.legs)
        self._sold = cp.Variable(legs)
        self._need_of = [cp.Variable(len(one.pools)) for one in book.hedges]
        self._root = cp.Parameter((len(book.coins), len(book.coins)))
        self._taken = [cp.Parameter(len(one.pools)) for one in book.hedges]
        self._pull = [cp.Parameter(len(one.pools)) for one in book.hedges]
        self._start = [cp.Parameter(len(one.pools)) for one in book.hedges]
        self._least = [cp.Parameter(len(one.pools)) for one in book.hedges]
        self._most = [cp.Parameter(len(one.pools)) for one in book.hedges]
        self._named: list[tuple[str, str, Any]] = []
        self._rest: list[Any] = []
        self._limit()
        goal = self._risk(cp) + self._costs(cp)
        constraints = [*self._rest, *(one for _, _, one in self._named)]
        self._problem = cp.Problem(cp.Minimize(goal), constraints)

    def _risk(self, cp: Any) -> Any:  # noqa: ANN401 - of cvxpy
        """Variance of what is left, and what decides between splits that leave the same.

        That is Σ (x - x*)²/|x*|, x* what regression would take: where a coin's contracts cannot
        carry all, each that asks for them gives up the same share.
        """
        book = self.book
        place = np.zeros((len(book.coins), len(book.legs)))
        for column, leg in enumerate(book.legs):
            place[leg.coin, column] = 1.0
        left = np.array(book.held) - place @ self._sold
        ties = [
            cp.sum_squares(cp.multiply(own, pull) - start)
            for own, pull, start in zip(self._need_of, self._pull, self._start, strict=True)
        ]
        return 0.5 * self.preferences.aversion * cp.sum_squares(self._root @ left) + TIE * sum(ties)

    def _costs(self, cp: Any) -> Any:  # noqa: ANN401 - of cvxpy
        """Trades and carry; of legs that cost the same the first is taken."""
        legs = self.book.legs
        cost = np.array([one.cost for one in legs]) * DAYS_PER_YEAR / self.preferences.keep_days
        held, carry = np.array([one.held for one in legs]), np.array([one.carry for one in legs])
        order = TIE * np.array([preferred_count(legs, row) for row in range(len(legs))])
        return cost @ cp.abs(self._sold - held) - carry @ self._sold + order @ cp.abs(self._sold)

    def _limit(self) -> None:
        """What holds, by the name that it goes by when it binds.

        Of each of its proxies a hedge asks for no more than AROUND times what a regression takes at
        the ends of its ratio, so that one makes up for another that is short of margin. Without
        that, of proxies that move alike one coin would be hedged past its own `max_ratio` by the
        proxies of another.
        """
        book, sold = self.book, self._sold
        for hedge, own, taken in zip(book.hedges, self._need_of, self._taken, strict=True):
            need = taken @ own
            self._named += [
                ("max_ratio", hedge.name, need <= hedge.offset + hedge.most * hedge.base),
                ("min_ratio", hedge.name, need >= hedge.offset + hedge.least * hedge.base),
            ]
        for own, least, most in zip(self._need_of, self._least, self._most, strict=True):
            self._rest += [own >= least, own <= most]
        for coin in {leg.coin for leg in book.legs}:
            rows = [row for row, leg in enumerate(book.legs) if leg.coin == coin]
            wanted = sum(
                own[hedge.pools.index(coin)]
                for hedge, own in zip(book.hedges, self._need_of, strict=True)
                if coin in hedge.pools
            )
            apart = book.unmanaged[coin] if book.unmanaged else 0.0
            self._rest.append(sum(sold[row] for row in rows) == wanted + apart)
        if not book.allow_long:
            self._named += [
                ("no net long", leg.name, sold[row] >= 0.0) for row, leg in enumerate(book.legs)
            ]
        for row, leg in enumerate(book.legs):
            if np.isfinite(leg.most):
                self._named.append(("size the venue allows", leg.name, sold[row] <= leg.most))
        self._limit_groups()

    def _limit_groups(self) -> None:
        """Rows of margin groups, and what may be brought to them."""
        import cvxpy as cp

        brought: dict[str, Any] = {}
        for source in self.book.sources:
            moved = cp.Variable(len(source.groups), nonneg=True)
            self._named.append(
                (
                    "coins to bring in",
                    source.name,
                    np.ones(len(source.groups)) @ moved <= source.most,
                )
            )
            for place, group in enumerate(source.groups):
                brought[group] = brought.get(group, 0.0) + moved[place]
        for row in self.book.rows:
            room = row.room + brought.get(row.group, 0.0)
            self._named.append((row.limit, row.group, np.array(row.weight) @ self._sold <= room))

    def solve(self, covariance: Floats) -> JointProposal:
        """The least objective for a covariance a year (coins, coins).

        Raises EstimateError where no ratios obey all limits, or no beta can be found.
        """
        book = self.book
        found = [regression_of(one, book.coins, covariance) for one in book.hedges]
        self._root.value = root_of(covariance)
        for row, (hedge, one) in enumerate(zip(book.hedges, found, strict=True)):
            full = one.beta * (hedge.offset + min(max(1.0, hedge.least), hedge.most) * hedge.base)
            pull = 1.0 / np.sqrt(np.maximum(np.abs(full), LEAST_START))
            self._taken[row].value = one.taken
            self._pull[row].value = pull
            self._start[row].value = full * pull
            ends = [
                AROUND * one.beta * (hedge.offset + ratio * hedge.base)
                for ratio in (hedge.least, hedge.most)
            ]
            self._least[row].value = np.minimum(np.minimum(*ends), 0.0)
            self._most[row].value = np.maximum(np.maximum(*ends), 0.0)
        self._run()
        solution = [solved(one) for one in self._need_of]
        needs = [float(one.taken @ x) for one, x in zip(found, solution, strict=True)]
        sold = tuple(solved(self._sold).tolist())
        return JointProposal(
            sold=sold,
            ratio=tuple(
                ratio_of(hedge, need) for hedge, need in zip(book.hedges, needs, strict=True)
            ),
            betas=tuple(
                tuple((x / need if abs(need) > NOTHING else one.beta).tolist())
                for one, x, need in zip(found, solution, needs, strict=True)
            ),
            objective=joint_objective(book, covariance, self.preferences, sold),
            binding=self._binding(),
        )

    def in_order(self, sold: Sequence[float]) -> tuple[float, ...]:
        """The same sold of each coin, by its legs in their order, each as far as limits let it.

        So `act` fills them, whatever they cost and earn. Asked right after `solve`, whose bounds
        hold still; where the solver finds nothing the legs stay as they are.

        Args: sold: shares of wealth a leg, as solved.
        """
        cp, legs = self._cp, self.book.legs
        later = np.array([float(preferred_count(legs, row)) for row in range(len(legs))])
        if not later.any():
            return tuple(sold)
        kept = [one for name, _, one in self._named if name not in ("max_ratio", "min_ratio")]
        for coin in {leg.coin for leg in legs}:
            rows = [row for row, leg in enumerate(legs) if leg.coin == coin]
            kept.append(sum(self._sold[row] for row in rows) == sum(sold[row] for row in rows))
        problem = cp.Problem(cp.Minimize(later @ cp.abs(self._sold)), kept)
        problem.solve(solver=cp.CLARABEL, **EXACT)
        solved_it = problem.status in (cp.OPTIMAL, cp.OPTIMAL_INACCURATE)
        return tuple(solved(self._sold).tolist()) if solved_it else tuple(sold)

    def _run(self) -> None:
        """Solve; EstimateError where there is no answer."""
        import cvxpy as cp

        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", UserWarning)
                self._problem.solve(solver=cp.CLARABEL, **EXACT)  # type: ignore[no-untyped-call]
        except cp.SolverError as error:
            raise EstimateError(f"joint: no proposal could be found: {error}") from None
        if "infeasible" in self._problem.status:
            raise EstimateError(no_ratios(self.book))
        if self._problem.status not in (cp.OPTIMAL, cp.OPTIMAL_INACCURATE):
            raise EstimateError(f"joint: no proposal was found ({self._problem.status})")

    def _binding(self) -> tuple[BindingLimit, ...]:
        """Limits with a price, cuts of one limit summed, the dearest first."""
        worth: dict[tuple[str, str], float] = {}
        for limit, of, row in self._named:
            price = float(np.abs(np.asarray(row.dual_value)).sum())
            worth[limit, of] = worth.get((limit, of), 0.0) + price
        dear = [BindingLimit(*key, price) for key, price in worth.items() if price > LEAST_WORTH]
        return tuple(sorted(dear, key=lambda one: -one.worth))
