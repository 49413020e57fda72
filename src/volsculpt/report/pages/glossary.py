"""The words of the field as pages: one word, or the list."""

from volsculpt.report.document import Line, Page, Section
from volsculpt.report.rows.glossary import Word, by_topic


def word_page(one: Word) -> Page:
    """What a word says, its example, its other names, and where to go on."""
    more = [Line(f"also called: {', '.join(one.aliases)}")] if one.aliases else []
    see_also = [Line(f"see also: {', '.join(one.see)}")] if one.see else []
    return Page(
        one.name,
        one.topic,
        [
            Section("", [Line(one.says)]),
            Section("For example", [Line(one.example)]),
            Section("More", [*more, *see_also, Line(f"read on: docs/{one.page}")]),
        ],
    )


def list_page(found: list[Word]) -> Page:
    """Every word, by topic."""
    sections = [
        Section(topic, [Line(", ".join(one.name for one in below))])
        for topic, below in by_topic(found).items()
    ]
    aliases = sum(len(one.aliases) for one in found)
    lead = (
        f"{len(found)} words and {aliases} other names; volsculpt explain WORD says what one means"
    )
    return Page("Glossary", lead, sections)
