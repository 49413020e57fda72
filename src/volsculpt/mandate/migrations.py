"""Mandates of older versions are brought up to the newest before they are checked."""

from collections.abc import Callable, Mapping
from typing import Any

from volsculpt.errors import MandateError
from volsculpt.mandate.toml_text import shown

Content = dict[str, Any]
Migration = Callable[[Content], Content]

NEWEST = 1
MIGRATIONS: Mapping[int, Migration] = {}  # version -> what makes it the next version


def migrate(
    content: Content,
    file: str,
    table: Mapping[int, Migration] = MIGRATIONS,
    newest: int = NEWEST,
) -> Content:
    """The content as the newest version has it; MandateError when its version is unusable.

    Args: content: the tables of the file; file: its name, for errors; table: version -> what makes
    the next one of it; newest: version to end at.
    """
    version = checked_version(content, file, newest)
    while version < newest:
        if version not in table:
            raise MandateError(
                f"{file}: version = {version}: no longer read; this volsculpt knows version "
                f"{newest}"
            )
        content = {**table[version](dict(content)), "version": version + 1}
        version += 1
    return content


def checked_version(content: Content, file: str, newest: int) -> int:
    """The version the file says it is, between 1 and the newest."""
    version = content.get("version")
    if version is None:
        raise MandateError(
            f"{file}: version is missing; write version = {newest} as the first line"
        )
    if isinstance(version, bool) or not isinstance(version, int) or version < 1:
        raise MandateError(
            f"{file}: version = {shown(version)}: must be a whole number, for example {newest}"
        )
    if version > newest:
        raise MandateError(
            f"{file}: version = {version}: newer than this volsculpt, which reads up to {newest}; "
            f"upgrade volsculpt, or write the mandate as version = {newest}"
        )
    return version
