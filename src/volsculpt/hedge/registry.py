"""Policies and features by name: a file of `policies` is a policy, one of `features` a feature.

The name is the file's, a low line for a dash. A feature that one policy alone reads may stand in
that policy's file.
"""

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from volsculpt.errors import PolicyError
from volsculpt.hedge.feature import Feature
from volsculpt.hedge.policy import Policy

PLACE = "volsculpt.hedge"
FIRST = "fixed"  # the policy of a hedge that names none


@cache
def policy_names() -> tuple[str, ...]:
    """Every policy. Worked: ("fixed", "callable", "series", …)."""
    found = {name.replace("_", "-") for name in _files("policies")}
    return (FIRST, *sorted(found - {FIRST}))


def _files(folder: str) -> list[str]:
    """The modules of a folder."""
    return sorted(one.stem for one in Path(__file__).with_name(folder).glob("[a-z]*.py"))


@cache
def policy_class(name: str) -> type[Policy]:
    """The policy of a name; KeyError for one that there is not."""
    stem = name.replace("-", "_")
    if name not in policy_names():
        raise KeyError(name)
    found: type[Policy] = _named(f"{PLACE}.policies.{stem}", Policy)[name]
    return found


@cache
def feature_classes() -> dict[str, type[Feature]]:
    """Every feature by its name, those beside a policy too."""
    modules = [
        f"{PLACE}.{folder}.{name}" for folder in ("features", "policies") for name in _files(folder)
    ]
    return {name: kind for place in modules for name, kind in _named(place, Feature).items()}


def feature_of(stored: Mapping[str, Any]) -> Feature:
    """A feature of its name, version and parameters, as `plain_feature` writes them.

    Raises PolicyError: of another version, or unknown.
    """
    kind = feature_classes().get(stored["feature"])
    if kind is None or stored["version"] != kind.VERSION:
        raise PolicyError(
            f"the feature {stored['feature']!r}, version {stored['version']}, is not of this "
            f"program"
        )
    return kind(**{name: _parameter(one) for name, one in stored["parameters"].items()})


def _parameter(value: Any) -> Any:  # noqa: ANN401
    """A parameter of its plain value: a table is a feature, a list is a tuple."""
    if isinstance(value, Mapping):
        return feature_of(value)
    return tuple(value) if isinstance(value, list) else value


def _named(module: str, kind: type) -> dict[str, Any]:
    """The classes of a kind that a module defines, by NAME."""
    held = [one for one in vars(import_module(module)).values() if isinstance(one, type)]
    return {
        one.NAME: one  # type: ignore[attr-defined]
        for one in held
        if one.__module__ == module and kind in one.__mro__
    }
