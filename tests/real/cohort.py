"""`doctor cohort` beside real databases and a real browser.

    python3 tests/real/cohort.py DOCTOR GENERATOR [SCREENSHOTS]

Needs duckdb, pyspark and playwright from PyPI, Java for Spark, and Chromium. What is not there is left out, and said.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

DOCTOR, GENERATOR = (os.path.abspath(word) for word in sys.argv[1:3])
SHOTS = os.path.abspath(sys.argv[3]) if len(sys.argv) > 3 else None
HERE = os.path.dirname(os.path.abspath(__file__))
bad = []


def say(what, word):
    print(f"  {what:<62} {word}", flush=True)


def want(what, holds, seen=""):
    say(what, "ok" if holds else f"WRONG {seen}")
    if not holds:
        bad.append(what)


def run(*words, codes=(0,)):
    done = subprocess.run(words, capture_output=True, text=True)
    assert done.returncode in codes, (words, done.returncode, done.stderr[-2000:])
    return done.stdout


def statements():
    """The SQL of the documentation: (name, text)."""
    text = open(os.path.join(HERE, "../../docs/cohort-sql.md")).read()
    return [(name.strip(), sql.strip().rstrip(";")) for name, sql in re.findall(r"```sql( \w+)?\n(.*?)```", text, re.S)]


def databases(work):
    run(GENERATOR, "--learners", "3000", "--reports", "5000", "--seed", "7", "--ndjson", f"{work}/in.ndjson")
    flat = run(DOCTOR, "cohort", f"{work}/in.ndjson", "--all", "--format", "ndjson")
    open(f"{work}/flat.ndjson", "w").write(flat)
    cohort = json.loads(run(DOCTOR, "cohort", f"{work}/in.ndjson", "--format", "json"))
    summary = cohort["summary"]
    ours = {
        "summary": sorted((word, summary[word]) for word in ("ready", "alone", "staff", "admin") if summary[word]),
        "causes": sorted((cause["id"], cause["learners"]) for cause in cohort["causes"]),
        "checks": sorted((c["id"], word, n) for c in cohort["checks"] for word, n in c["counts"].items() if n),
        "platforms": sorted((p["platform"], v, p[v]) for p in cohort["platforms"] for v in ("ready", "alone", "staff", "admin") if p[v]),
    }
    want("the cohort is worth comparing", summary["counted"] == 3000 and summary["earlier"] == 2000 and len(ours["causes"]) > 20, summary)
    os.chdir(work)
    for engine, ask in (("duckdb", duckdb()), ("spark", spark(work))):
        if ask is None:
            say(engine, "left out: it is not there")
            continue
        for name, sql in statements():
            if name in ("duckdb", "spark") and name != engine:
                continue
            rows = ask(sql, name in ours)
            if name in ours:
                want(f"{engine} gives the same {name}", sorted(map(tuple, rows)) == ours[name], f"{rows[:3]} {ours[name][:3]}")


def duckdb():
    try:
        import duckdb
    except ImportError:
        return None
    base = duckdb.connect()
    return lambda sql, rows: base.execute(sql).fetchall() if rows else base.execute(sql)


def spark(work):
    try:
        from pyspark.sql import SparkSession
    except ImportError:
        return None
    if not shutil.which("java"):
        return None
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    session = (
        SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.sql.warehouse.dir", work)
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("ERROR")
    return lambda sql, rows: session.sql(sql).collect() if rows else session.sql(sql)


def browser(work):
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return say("browser", "left out: playwright is not there")
    chromium = shutil.which("chromium")
    if chromium is None:
        return say("browser", "left out: Chromium is not there")
    folder = f"{work}/class"
    run(GENERATOR, "--learners", "60", "--seed", "3", "--dir", folder, "--hostile")
    roster = f"{work}/class.roster.csv"
    page_file = f"{work}/cohort.html"
    run(DOCTOR, "cohort", folder, "--roster", roster, "--output", page_file, "-q", codes=(1,))
    cohort = json.loads(run(DOCTOR, "cohort", folder, "--roster", roster, "--format", "json", codes=(1,)))
    with sync_playwright() as play:
        chrome = play.chromium.launch(executable_path=chromium, args=["--no-sandbox"])

        def opened(**kind):
            page = chrome.new_context(**kind).new_page()
            seen = {"requests": [], "errors": [], "dialogs": []}
            page.on("request", lambda request: seen["requests"].append(request.url))
            page.on("console", lambda message: seen["errors"].append(message.text) if message.type == "error" else None)
            page.on("pageerror", lambda error: seen["errors"].append(str(error)))
            page.on("dialog", lambda dialog: (seen["dialogs"].append(dialog.message), dialog.dismiss()))
            page.goto(f"file://{page_file}")
            page.wait_for_timeout(300)
            return page, seen

        page, seen = opened(viewport={"width": 1600, "height": 1000})
        want("the page asks for nothing but itself", seen["requests"] == [f"file://{page_file}"], seen["requests"])
        want("no script of a report runs, none of ours fails", not seen["errors"] and not seen["dialogs"], seen)
        want("the title is ours", page.title().startswith("Cohort of"), page.title())
        want("there is one script and no image, frame or form", page.evaluate("document.scripts.length === 1 && !document.querySelector('img,svg,iframe,object,embed,form,base')"))
        handlers = "[...document.querySelectorAll('*')].every(e => [...e.attributes].every(a => !a.name.startsWith('on') && !a.value.startsWith('javascript:')))"
        want("nothing on it has a handler or a script for an address", page.evaluate(handlers))
        rows = cohort["summary"]["counted"]
        shown = "document.querySelectorAll('#matrix tbody tr:not([hidden])').length"
        want("every report has a row", page.evaluate(shown) == rows, page.evaluate(shown))
        page.select_option("#verdict", "alone")
        alone = sum(len(one["machines"]) for one in cohort["learners"] if one["verdict"] == "alone")
        want("the filter by verdict works", page.evaluate(shown) == alone, page.evaluate(shown))
        page.select_option("#verdict", "")
        page.fill("#text", "ada")
        want("the filter by text works", 0 < page.evaluate(shown) < rows, page.evaluate(shown))
        page.fill("#text", "")
        first = "document.querySelector('#matrix tbody tr th').textContent"
        page.click("#matrix thead th:first-child button")
        down = page.evaluate("[...document.querySelectorAll('#matrix tbody th')].map(e => e.textContent)")
        page.click("#matrix thead th:first-child button")
        up = page.evaluate("[...document.querySelectorAll('#matrix tbody th')].map(e => e.textContent)")
        want("sorting by a column works, and back", down != up and sorted(down) == sorted(up) and page.evaluate(first) == up[0])
        want("what is sorted by is told to screen readers", page.evaluate("document.querySelector('[aria-sort]').getAttribute('aria-sort')") == "ascending")
        link = page.evaluate("document.querySelector('#matrix tbody a').getAttribute('href')")
        page.evaluate("document.querySelector('#matrix tbody a').click()")
        page.wait_for_timeout(200)
        want("a name leads to the learner's details", page.evaluate(f"document.querySelector('{link}').closest('details').open"))
        narrow = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
        want("nothing is wider than the window at 1600", page.evaluate(narrow))
        for width in (400, 1600):
            for scheme in ("light", "dark"):
                page, seen = opened(viewport={"width": width, "height": 1000}, color_scheme=scheme)
                want(f"nothing is wider than the window at {width}, {scheme}", page.evaluate(narrow))
                if SHOTS:
                    os.makedirs(SHOTS, exist_ok=True)
                    page.screenshot(path=f"{SHOTS}/{width}-{scheme}.png")
                    page.evaluate("document.getElementById('checks').scrollIntoView()")
                    page.screenshot(path=f"{SHOTS}/{width}-{scheme}-matrix.png")
                    page.evaluate("document.querySelector('details').open = true; document.getElementById('learners').scrollIntoView()")
                    page.screenshot(path=f"{SHOTS}/{width}-{scheme}-learners.png")
        if SHOTS:
            page.pdf(path=f"{SHOTS}/print.pdf", prefer_css_page_size=True)
        page, seen = opened(java_script_enabled=False)
        # What is out of sight is not laid out (content-visibility), so that the text is asked of the document and of its accessibility tree.
        text = page.text_content("body")
        heard = " ".join(node["name"]["value"] for node in page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")["nodes"] if node.get("name", {}).get("value"))
        want("without scripts the tools are not there", not page.is_visible("#tools"))
        plain = [" ".join(one["id"].split())[:8] for one in cohort["learners"] if one["id"].isascii() and one["id"].replace("-", "").isalnum()]
        want("without scripts everybody is there", all(name in text for name in plain))
        want("and a screen reader hears of everybody", all(name in heard for name in plain), [name for name in plain if name not in heard][:3])
        want("the matrix is a table to it, with headers for its rows", page.get_by_role("table").count() > 1 and page.get_by_role("rowheader").count() > 10)
        want("without scripts causes and fixes are there", all(cause["id"] in text for cause in cohort["causes"] if cause["known"]))
        want("without scripts who is missing is there", "Zoe Absent" in text and "half.json" in text)
        chrome.close()


with tempfile.TemporaryDirectory() as work:
    browser(work)
    databases(work)
    os.chdir("/")
print("WRONG: " + ", ".join(bad) if bad else "all as it should be")
sys.exit(1 if bad else 0)
