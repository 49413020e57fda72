"""Looks at every kind of page in a browser: `scripts/pages [FOLDER]`.

Each at the width of a desk and of a phone, light and dark, its folds as they are and opened. Wrong
is what a reader would call so: wider than the window, labels cut off, a script that fails, more
screens on a phone than one scrolls, charts that do not follow the span of time. FOLDER: pictures.
"""

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.report.browser import Browser, browser_found
from tests.report.test_page_parts import MADE

WINDOWS = ((1280, 900), (390, 844))
MOST_SCREENS = 6.0  # of a phone, as long as nothing was unfolded
WIDE = """Math.max(document.documentElement.scrollWidth - window.innerWidth,
  ...Array.from(document.querySelectorAll('.scroll'))
    .map(one => one.scrollWidth - one.clientWidth))"""
HEIGHT = "document.documentElement.scrollHeight"
OPEN = "document.querySelectorAll('details.fold').forEach(one => { one.open = true; })"
CUT = """Array.from(document.querySelectorAll('.js-plotly-plot')).flatMap(plot => {
  const box = plot.getBoundingClientRect();
  return Array.from(plot.querySelectorAll('text')).filter(text => {
    const at = text.getBoundingClientRect();
    return at.width && (at.right > box.right + 1 || at.left < box.left - 1 || at.top < box.top - 1);
  }).map(text => plot.id + ': ' + text.textContent);
})"""
CHOOSE = """(() => {
  const span = document.getElementById('span');
  span.value = span.options[span.options.length - 1].value;
  span.dispatchEvent(new Event('change'));
})()"""
SPANS = """Array.from(document.querySelectorAll('.js-plotly-plot'))
  .filter(plot => plot._fullLayout.xaxis.type === 'date')
  .map(plot => String(plot._fullLayout.xaxis.range))"""


def looked_at(browser: Browser, page: Path, folder: Path | None) -> Iterator[str]:
    """What is wrong with a page. folder: where its pictures go."""
    for width, height in WINDOWS:
        for dark in (False, True):
            where = f"{page.stem}, {width} pixels, {'dark' if dark else 'light'}"
            browser.show(page, width, height, dark)
            screens = browser.say(HEIGHT) / height
            if width < 640 and screens > MOST_SCREENS:
                yield f"{where}: {screens:.1f} screens, not {MOST_SCREENS:g}"
            for state in ("folded", "open"):
                if folder is not None:
                    name = f"{page.stem}-{width}-{'dark' if dark else 'light'}-{state}.png"
                    browser.picture(folder / name)
                if (over := browser.say(WIDE)) > 0:
                    yield f"{where}, {state}: {over} pixels too wide"
                yield from (f"{where}, {state}: cut off: {one}" for one in browser.say(CUT))
                browser.say(OPEN)
                browser.wait()
            print(f"{where}: {screens:.1f} screens, {browser.say(HEIGHT) / height:.1f} opened")


def follows(browser: Browser, page: Path) -> Iterator[str]:
    """Whether all charts of time show the span that is chosen."""
    browser.show(page, *WINDOWS[0], dark=False)
    whole = browser.say(SPANS)
    if whole and browser.say("document.getElementById('span').options.length > 2"):
        browser.say(CHOOSE)
        browser.wait(1_000)
        chosen = browser.say(SPANS)
        if len(set(chosen)) != 1 or chosen[0] == whole[0]:
            yield f"{page.stem}: charts do not follow the span of time: {sorted(set(chosen))}"


def main() -> None:
    """Look at all pages; exit code 1 where something is wrong."""
    program = browser_found()
    if program is None:
        print("no Chromium is installed: nothing was looked at")
        return
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place, Browser(program) as browser:
        wrong = []
        for name, made in MADE.items():
            page = Path(place) / f"{name.replace(' ', '-')}.html"
            made().to_html(page)
            wrong += [*looked_at(browser, page, folder), *follows(browser, page)]
        wrong += [f"a script failed: {one}" for one in browser.wrong]
    print("\n".join(wrong) or f"{len(MADE)} pages are as they should be")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
