"""The page of `tessera serve` in a real browser, as somebody uses it.

usage: page_test.py TESSERA [PICTURES]    a folder for pictures of the page

Leaves with 77 ("skipped") where no Chromium is installed. axe-core's rules are
checked where AXE names its axe.js, or the package axe-playwright-python has it.
"""

import importlib.util
import os
import pathlib
import re
import subprocess
import sys
import time
import urllib.parse
import urllib.request

import browser

TEXT = "Where is the station?"
WANTED = "Où se trouve la gare ?"
RESULT = "document.getElementById('result')"
SHOWN = f"{RESULT}.textContent && !{RESULT}.hasAttribute('aria-busy')"


def expect(found, wanted):
    if found != wanted:
        raise AssertionError(f"want {wanted!r}, found {found!r}")


def metric(metrics, name):
    with urllib.request.urlopen(metrics) as page:
        found = re.search(rf"^{re.escape(name)} (\d+)", page.read().decode(),
                          re.MULTILINE)
    return int(found[1]) if found else 0


def wait_for(metrics, name, wanted):
    end = time.monotonic() + 30
    while (found := metric(metrics, name)) != wanted:
        if time.monotonic() > end:
            raise AssertionError(f"want {wanted} of {name}, found {found}")
        time.sleep(0.01)


def types_waits_and_reads(page, address, _):
    page.open(address)
    page.wait("document.getElementById('model').value")
    page.type("#text", TEXT)
    page.wait(SHOWN)
    expect(page.get(RESULT + ".textContent"), WANTED)
    expect(page.get(RESULT + ".lang"), "fr")
    others = page.get("document.querySelectorAll('#alternatives li').length")
    expect(others, 3)
    expect(page.get("document.getElementById('swap').hidden"), True)
    curl = page.get("document.getElementById('curl').textContent")
    expect(f"curl {address}/v1/translations" in curl, True)


# Sentences without an end between them, so that it is one search.
def shows_what_is_there_so_far(page, address, _):
    page.open(address)
    page.wait("document.getElementById('model').value")
    page.get(f"""window.shown = [];
        new MutationObserver(() => shown.push({RESULT}.textContent))
            .observe({RESULT}, {{childList: true}}); 0""")
    page.type("#text", "I think that the old house is a very good place, " * 4)
    page.wait(SHOWN)
    shown, whole = page.get("shown"), page.get(RESULT + ".textContent")
    expect(len(shown) > 5, True)
    expect([text for text in shown if not whole.startswith(text)], [])
    expect(shown, sorted(shown, key=len))


def shows_what_it_looks_at(page, *_):
    page.get("document.querySelector('#attention-part summary').click()")
    page.wait("document.querySelector('#map tbody tr')")
    rows = page.get("document.querySelectorAll('#map tbody tr').length")
    columns = page.get("document.querySelectorAll('#map thead th').length")
    expect(columns, 6)
    expect(rows >= 5, True)
    before = page.get("document.getElementById('map').innerHTML")
    page.get("""(() => { const layer = document.getElementById('layer');
                layer.selectedIndex = 1;
                layer.dispatchEvent(new Event('change', {bubbles: true})); })()""")
    expect(page.get("document.getElementById('map').innerHTML") != before, True)


# A text that takes a second or more is under way when the next key is hit.
def gives_up_what_is_not_wanted(page, address, metrics):
    gone = 'tessera_cancelled_total{reason="disconnect"}'
    expect(metric(metrics, gone), 0)
    page.open(address)
    page.wait("document.getElementById('model').value")
    page.get("document.getElementById('beams').value = '8'")
    page.type("#text", "I think that the old house is a very good place. " * 200)
    wait_for(metrics, "tessera_in_flight", 1)
    page.get("document.getElementById('text').select()")
    page.type("#text", TEXT)
    page.wait(f"{RESULT}.textContent === '{WANTED}'")
    wait_for(metrics, gone, 1)


def shows_markup_as_text(page, address, _):
    page.open(address + "/#%3Cscript%3Ewindow.broken=1%3C/script%3E%20Hello.")
    page.wait(SHOWN)
    expect(page.get("window.broken"), None)
    expect(page.get(RESULT + ".children.length"), 0)


# A model with its own name backwards, which makes no sense of French.
def swaps_languages(page, program):
    folder = pathlib.Path(__file__).parents[3] / "models/bundled/tatoeba-en-fr"
    server = subprocess.Popen(
        [program, "serve", "--listen", "127.0.0.1:0", "--threads", "1", "--quiet",
         "--model", f"en-fr={folder}", "--model", f"fr-en={folder}"],
        stdout=subprocess.PIPE, text=True)
    try:
        page.open(server.stdout.readline().split()[-1])
        page.wait("document.getElementById('model').value")
        expect(page.get("document.getElementById('swap').hidden"), False)
        page.type("#text", TEXT)
        page.wait(SHOWN)
        page.get("document.getElementById('swap').click()")
        expect(page.get("document.getElementById('model').value"), "fr-en")
        expect(page.get("document.getElementById('text').value"), WANTED)
        expect(page.get("document.getElementById('text').lang"), "fr")
    finally:
        server.terminate()
        server.wait()


# What assistive technology needs: names, languages, one main part, no id twice.
RULES = """[...document.querySelectorAll('select, input, textarea, button, summary')]
    .filter(one => !(one.labels?.length || one.textContent.trim()))
    .map(one => 'no name: ' + one.outerHTML)
    .concat(document.documentElement.lang ? [] : ['no language'])
    .concat(document.title ? [] : ['no title'])
    .concat(document.querySelectorAll('main').length === 1 ? [] : ['no main'])
    .concat(document.querySelectorAll('h1').length === 1 ? [] : ['no heading'])
    .concat([...document.body.children].filter(one => one.tagName !== 'MAIN')
        .map(one => 'outside of main: ' + one.tagName))
    .concat([...document.querySelectorAll('[id]')]
        .filter(one => document.querySelectorAll('#' + one.id).length > 1)
        .map(one => 'twice: ' + one.id))"""


def axe_script():
    if path := os.environ.get("AXE"):
        return pathlib.Path(path)
    found = importlib.util.find_spec("axe_playwright_python")
    if not found:
        return None
    return next(pathlib.Path(found.origin).parent.rglob("axe*.js"), None)


def check_access(page):
    expect(page.get(RULES), [])
    axe = axe_script()
    if not axe:
        print("skipped: want axe-playwright-python, found no such package")
        return
    page.get(axe.read_text() + ";0")
    expect(page.get("""axe.run().then(found => found.violations.map(
        one => one.id + ': ' + one.nodes.map(node => node.html).join(' ')))"""), [])


def looks_right_at_every_width(page, address, _, pictures=None):
    page.open(f"{address}/#{urllib.parse.quote(TEXT)}")
    page.wait(SHOWN)
    page.get("document.querySelectorAll('details').forEach(one => one.open = true)")
    page.wait("document.querySelector('#map tbody tr')")
    for scheme in ("light", "dark"):
        for width in (360, 1280):
            page.show(width, 800, scheme)
            wide = page.get("document.documentElement.scrollWidth")
            expect(wide <= width, True)
            check_access(page)
            if pictures:
                page.picture(f"{pictures}/{scheme}-{width}.png")


def main():
    program = browser.find()
    if not program:
        print("skipped: want chromium, which opens the page; found none")
        sys.exit(77)
    server = subprocess.Popen(
        [sys.argv[1], "serve", "--listen", "127.0.0.1:0", "--metrics", "127.0.0.1:0",
         "--threads", "1", "--batch-size", "1", "--quiet"], stdout=subprocess.PIPE, text=True)
    try:
        address = server.stdout.readline().split()[-1]
        metrics = server.stdout.readline().split()[-1]
        with browser.Browser(program) as page:
            types_waits_and_reads(page, address, metrics)
            shows_what_it_looks_at(page, address, metrics)
            shows_what_is_there_so_far(page, address, metrics)
            gives_up_what_is_not_wanted(page, address, metrics)
            shows_markup_as_text(page, address, metrics)
            expect(page.console, [])
            foreign = [url for url in page.requested
                       if not url.startswith((address, "about:", "data:"))]
            expect(foreign, [])
            looks_right_at_every_width(page, address, metrics, *sys.argv[2:])
            swaps_languages(page, sys.argv[1])
    finally:
        server.terminate()
        server.wait()
    print("the page passes")


if __name__ == "__main__":
    main()
