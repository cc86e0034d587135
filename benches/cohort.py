"""What reading a cohort costs, as ratios taken side by side: `target/cohort-venv/bin/python benches/cohort.py DOCTOR GENERATOR [DIR]`.

Reports of about 10 KB are generated (100,000 as NDJSON and 10,000 as files; `--million` adds 1,000,000). The same aggregate is asked of DuckDB in
one parse: how many checks ended how, and which learner fails what. Pairs A B A B …, medians; nothing here asserts. `cat` into a pipe is the floor.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time

words = [word for word in sys.argv[1:] if not word.startswith("--")]
DOCTOR, GENERATOR = words[0], words[1]
PAIRS = 3 if "--quick" in sys.argv else 7
DUCKDB = """
import duckdb, sys
base = duckdb.connect()
base.execute("SET threads=2; SET preserve_insertion_order=false")
base.execute(f'''CREATE TEMP TABLE f AS SELECT machine.label AS learner, unnest(findings, recursive := false) AS f FROM read_json('{sys.argv[1]}',
  format='{sys.argv[2]}', maximum_object_size=16777216, columns={{machine: 'STRUCT(label VARCHAR)',
  findings: 'STRUCT(id VARCHAR, outcome VARCHAR, level VARCHAR, diagnosis VARCHAR)[]'}})''')
a = base.execute("SELECT f.id, f.outcome, f.level, count(*) FROM f GROUP BY ALL").fetchall()
b = base.execute("SELECT learner, list(f.diagnosis) FROM f WHERE f.outcome = 'fail' GROUP BY learner").fetchall()
print(len(a), len(b), sum(row[3] for row in a))
"""


def timed(command, shell=False):
    start = time.monotonic()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, shell=shell, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.returncode in (0, 1), (command, done.stderr[-500:])
    return time.monotonic() - start, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def peak(command):
    """The program's own peak in MiB."""
    code = f"import resource,subprocess; subprocess.run({command!r}, stdout=subprocess.DEVNULL); print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)"
    return int(subprocess.check_output([sys.executable, "-c", code]))


def median(numbers):
    return sorted(numbers)[len(numbers) // 2]


def beside(what, ours, theirs, goal, size=None, pairs=PAIRS):
    timed(ours)
    timed(theirs)
    pairs = [(timed(ours), timed(theirs)) for _ in range(pairs)]
    ratio = median([b[0] / a[0] for a, b in pairs])
    cpu = median([b[1] / a[1] for a, b in pairs])
    us, them = median([a[0] for a, _ in pairs]), median([b[0] for _, b in pairs])
    rate = f", {size / us / 1e6:.0f} and {size / them / 1e6:.0f} MB/s" if size else ""
    print(f"{what:<58} {ratio:6.2f} x  (goal {goal}; cpu {cpu:.2f} x; {us:.2f} s and {them:.2f} s{rate})", flush=True)
    return us


with tempfile.TemporaryDirectory(dir=words[2] if len(words) > 2 else None) as work:
    many = [100_000] + ([1_000_000] if "--million" in sys.argv else [])
    times = {}
    for reports in [50_000] + many:
        file = f"{work}/{reports}.ndjson"
        subprocess.run([GENERATOR, "--checks", "22", "--learners", str(reports), "--reports", str(reports), "--ndjson", file], check=True)
        size = os.path.getsize(file)
        ours = [DOCTOR, "cohort", file, "-q"]
        if reports not in many:
            times[reports] = median([timed(ours)[0] for _ in range(PAIRS)])
            continue
        print(f"{reports} reports, {size / reports / 1e3:.1f} KB each, {size / 1e9:.2f} GB, as many learners")
        pairs = PAIRS if reports == many[0] else 1
        times[reports] = beside("  NDJSON: DuckDB / doctor", ours, [sys.executable, "-c", DUCKDB, file, "newline_delimited"], ">= 3", size, pairs)
        beside("  NDJSON: cat into a pipe / doctor", ours, ["sh", "-c", f"cat {file} | cat >/dev/null"], ">= 1", size, pairs)
        print(f"{'  peak memory, MiB':<58} {peak(ours):6d}    (goal <= 200 at 100,000 learners)")
        if reports != many[0]:
            os.remove(file)
    print(f"{'  twice the reports take':<58} {times[100_000] / times[50_000]:6.2f} x  (goal 2)")
    files = f"{work}/files"
    subprocess.run([GENERATOR, "--checks", "22", "--learners", "10000", "--reports", "10000", "--dir", files], check=True)
    beside("10,000 files: DuckDB / doctor", [DOCTOR, "cohort", files, "-q"], [sys.executable, "-c", DUCKDB, f"{files}/*.json", "unstructured"], ">= 6")
    small = f"{work}/small"
    subprocess.run([GENERATOR, "--checks", "22", "--learners", "300", "--reports", "300", "--dir", small], check=True)
    for _ in range(3):
        timed([DOCTOR, "cohort", small])
    print(f"{'300 learners, whole screen, ms':<58} {median([timed([DOCTOR, 'cohort', small])[0] for _ in range(9)]) * 1e3:6.1f}    (goal <= 50)")
