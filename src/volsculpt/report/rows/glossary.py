"""The words of the field, read from `glossary.toml`, and found by any of their names."""

import re
import tomllib
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import partial
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("glossary.toml")
MOST_NEAR = 4


@dataclass(frozen=True, slots=True)
class Word:
    """A word: the sentence a beginner reads, a worked example, and where to go on.

    topic: the part of the field it belongs to; aliases: what it is called elsewhere; see: names of
    other words; page: of docs, from docs on, with its heading.
    """

    name: str
    topic: str
    says: str
    example: str
    aliases: tuple[str, ...]
    see: tuple[str, ...]
    page: str


def words() -> list[Word]:
    """Every word, in the order of the file."""
    rows = tomllib.loads(FILE.read_text(encoding="utf-8"))["word"]
    return [
        Word(**{**row, "aliases": tuple(row["aliases"]), "see": tuple(row["see"])}) for row in rows
    ]


def by_topic(found: list[Word]) -> dict[str, list[Word]]:
    """Words under their topics, both in their order."""
    return {
        topic: [w for w in found if w.topic == topic]
        for topic in dict.fromkeys(w.topic for w in found)
    }


def called(text: str, found: list[Word]) -> Word | None:
    """The word of a name or an alias, however it is written. Worked: "Coin Margined" is inverse."""
    for one in found:
        if _plain(text) in {_plain(name) for name in (one.name, *one.aliases)}:
            return one
    return None


def near(text: str, found: list[Word]) -> list[str]:
    """The few words of which a name or an alias is spelled most like a text, by that name."""
    like = partial(_likeness, text)
    best = [max((one.name, *one.aliases), key=like) for one in found]
    return sorted(best, key=like, reverse=True)[:MOST_NEAR]


def _likeness(text: str, name: str) -> float:
    return SequenceMatcher(None, _plain(text), _plain(name)).ratio()


def _plain(name: str) -> str:
    """A name without case, hyphens or a plural. Worked: "Reduce-Only" -> "reduceonly"."""
    return re.sub(r"[\s_-]", "", name.lower()).removesuffix("s")


def words_dict(found: list[Word]) -> dict[str, Any]:
    """What `explain --json` prints."""
    keys = Word.__dataclass_fields__
    rows = [{key: getattr(one, key) for key in keys} for one in found]
    return {"schema": 1, "words": [{**row, "page": f"docs/{row['page']}"} for row in rows]}
