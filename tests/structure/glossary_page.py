"""The page of words, written from `report/rows/glossary.toml`."""

from volsculpt.report.rows.glossary import Word, by_topic, words

HEAD = """# Words

What the words of the field mean, each with an example. `volsculpt explain WORD` prints one, by its
name or by what it is called elsewhere. This page is written by `scripts/docs` from
`src/volsculpt/report/rows/glossary.toml`. At work, with a calculator: [tutorial.md](tutorial.md).
"""


def page() -> str:
    """The whole page: the words of each topic in a line, then each with all that is said of it."""
    topics = by_topic(words())
    lines = [
        f"- {topic}: {', '.join(link(one.name) for one in below)}"
        for topic, below in topics.items()
    ]
    parts = [part for below in topics.values() for part in map(section, below)]
    return "\n".join([HEAD, *lines, "", *parts])


def section(one: Word) -> str:
    """One word."""
    called = f"Also called {', '.join(one.aliases)}. " if one.aliases else ""
    see = ", ".join(link(name) for name in one.see)
    more = f"{called}See also {see}. More: [{one.page.partition('#')[0]}]({one.page})."
    return f"## {one.name}\n\n{one.says}\n\n*Example.* {one.example}\n\n{more}\n"


def link(name: str) -> str:
    """Worked: "hedge ratio" -> "[hedge ratio](#hedge-ratio)"."""
    return f"[{name}](#{name.replace(' ', '-')})"
