"""The keys that policies bring to a [[hedge]], read off their parameters."""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BeforeValidator, Field, create_model

from volsculpt.hedge.policy import Parameter, Policy
from volsculpt.hedge.registry import FIRST, policy_class, policy_names
from volsculpt.mandate.kinds import (
    Contradiction,
    Duration,
    Name,
    Positive,
    Ratio,
    TomlTable,
    key,
)
from volsculpt.units import duration_ns, minutes_problem

KINDS: dict[str, Any] = {
    "ratio": Ratio,
    "number": float,
    "duration": Duration,
    "ratios": Name,
    "function": Name,
    "framework": Name,
    "contract": Name,
}


class PolicyKeys(TomlTable):
    """A table that names a policy and has the keys of all; each policy has its own."""

    if TYPE_CHECKING:
        policy: str

    def key_problems(self) -> Iterator[Contradiction]:
        """Keys that the policy needs or does not have."""
        own = policy_of(self).PARAMETERS
        for one in own:
            if one.is_required and getattr(self, one.name) is None:
                shown = f'"{one.example}"' if isinstance(one.example, str) else f"{one.example:g}"
                problem = f'is missing: policy = "{self.policy}" needs it; for example {one.name}'
                yield one.name, f"{problem} = {shown}"
            yield from self._counts_for_nothing(one)
        for name, owners in owners_of_keys().items():
            if self.policy not in owners and getattr(self, name, None) is not None:
                problem = " or ".join(f'"{owner}"' for owner in owners)
                yield name, f'belongs to policy = {problem}, not "{self.policy}"'

    def _counts_for_nothing(self, one: Parameter) -> Iterator[Contradiction]:
        """A key that is given though another choice, or none, leaves it unread."""
        is_given = getattr(self, one.name) is not None
        if one.needs is not None and is_given and getattr(self, one.needs) is None:
            yield one.name, f"counts only with {one.needs}; give that too, or remove it"
        if one.only_with is not None and getattr(self, one.name) is not None:
            name, choice = one.only_with
            chosen = values_of(self)[name]
            if chosen != choice:
                yield one.name, f'counts only with {name} = "{choice}", not "{chosen}"; remove it'

    def value_problems(self) -> Iterator[Contradiction]:
        """Values beyond what the policy allows."""
        for one in policy_of(self).PARAMETERS:
            problem = value_problem(one, getattr(self, one.name))
            if problem is not None:
                yield one.name, problem


def value_problem(one: Parameter, value: Any) -> str | None:  # noqa: ANN401
    """What is wrong with a value beyond the ends of a parameter; None where it is within.

    Worked: 40 for a volatility -> "must be 5 or less: it is a fraction a year; …".
    """
    if value is None:
        return None
    problem = minutes_problem(one.name, value) if one.kind == "duration" else None
    if problem is not None:
        return problem
    size = duration_ns(value) if one.kind == "duration" else value
    least = duration_ns(one.least) if isinstance(one.least, str) else one.least
    if one.above is not None and size <= one.above:
        return f"must be above {one.above:g}{one.why}"
    if least is not None and size < least:
        end = f'"{one.least}" or longer' if one.kind == "duration" else f"{one.least:g} or more"
        return f"must be {end}{one.why}"
    if one.most is not None and size > one.most:
        return f"must be {one.most:g} or less{one.why}"
    return None


class BesideTable(PolicyKeys):
    """A policy beside another: its name, and its keys."""

    def check(self) -> Iterator[Contradiction]:
        """Keys that the policy needs or does not have, and values beyond what it allows."""
        yield from self.key_problems()
        yield from self.value_problems()


@cache
def beside_table() -> type[PolicyKeys]:
    """The table of a policy beside another: of those that take any base and have none beside."""
    kinds = [policy_class(name) for name in policy_names()]
    return with_policy_keys(
        BesideTable,
        [
            one.NAME
            for one in kinds
            if one.BASE is None and all(key.kind != "policy" for key in one.PARAMETERS)
        ],
    )


def _beside(value: object) -> object:
    """A policy by its name as the table that it stands for."""
    return {"policy": value} if isinstance(value, str) else value


def policy_of(table: PolicyKeys) -> type[Policy]:
    """The policy that a table names."""
    return policy_class(table.policy)


def owners_of_keys(names: Sequence[str] | None = None) -> dict[str, list[str]]:
    """The policies that have each key, of some or of all. Worked: "file" -> ["series"]."""
    found: dict[str, list[str]] = {}
    for name in policy_names() if names is None else names:
        for one in policy_class(name).PARAMETERS:
            found.setdefault(one.name, []).append(name)
    return found


def values_of(table: PolicyKeys) -> dict[str, Any]:
    """What a table gives its policy, by parameter, as the file writes it; defaults filled in."""
    found = {}
    for one in policy_of(table).PARAMETERS:
        value = getattr(table, one.name)
        found[one.name] = one.default if value is None else value
    return found


def with_policy_keys(base: type[TomlTable], names: Sequence[str] | None = None) -> type[PolicyKeys]:
    """A table with the keys of policies, all or some, behind its own.

    Several may share a key, of one kind.
    """
    chosen = policy_names() if names is None else tuple(names)
    summaries = ", ".join(policy_class(name).SUMMARY for name in chosen)
    description = f"Where the ratio comes from: {summaries}."
    fields: dict[str, Any] = {"policy": (Literal[chosen], key(description, FIRST, FIRST))}
    for name, owners in owners_of_keys(chosen).items():
        fields[name] = _field(name, owners)
    bases = (base,) if issubclass(base, PolicyKeys) else (PolicyKeys, base)
    made: Any = create_model(
        "BesideKeys" if names is not None else "PolicyKeys", __base__=bases, **fields
    )
    return made  # type: ignore[no-any-return]


def _field(name: str, owners: list[str]) -> tuple[Any, Any]:
    """The type of a key, and what it means in each policy that has it."""
    found = [(owner, one) for owner in owners for one in policy_class(owner).PARAMETERS]
    owned = [(owner, one) for owner, one in found if one.name == name]
    first = owned[0][1]
    meaning = " ".join(f"{owner.capitalize()}: {one.meaning}" for owner, one in owned)
    if first.kind == "choice":
        kind: Any = Literal[first.choices]
    elif first.kind == "policy":
        kind = Annotated[
            beside_table() | None,
            BeforeValidator(_beside, json_schema_input_type=Name | beside_table() | None),
        ]
    else:
        kind = Positive if first.above == 0.0 else KINDS[first.kind]
    if first.most is not None and len(owned) == 1:
        kind = Annotated[kind, Field(json_schema_extra={"maximum": first.most})]
    return kind | None, key(meaning, first.example, None)
