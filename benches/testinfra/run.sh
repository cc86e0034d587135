#!/usr/bin/env bash
# The same assertions about this machine by DOCTOR and by pytest-testinfra from PyPI: whether their verdicts agree, and how
# long each takes, side by side. Fails where they disagree; the times are only shown. `bash benches/testinfra/run.sh DOCTOR`
set -u
doctor=$(realpath "${1:-target/release/doctor}")
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv" && "$work/venv/bin/pip" install -q pytest-testinfra >"$work/pip" 2>&1 || {
  echo "  left out: pytest-testinfra could not be installed: $(tail -1 "$work/pip")"
  exit 0
}
cat >"$work/compare.py" <<'P'
import json, re, statistics, subprocess, sys, time
import xml.etree.ElementTree as tree
doctor, here, work = sys.argv[1:]
ours = [doctor, "--checks", here + "/checks", "same", "--format", "json"]
theirs = [work + "/venv/bin/pytest", "-q", "-p", "no:cacheprovider", "--hosts=local://", "--junitxml=" + work + "/t.xml", here + "/test_same.py"]
def timed(command):
    start = time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True, cwd=work)
    return time.monotonic() - start, done
times = [(timed(ours)[0], timed(theirs)[0]) for _ in range(7)]
report = json.loads(timed(ours)[1].stdout)
# What was examined with them because they need it is not compared.
mine = {f["id"].split(".")[1]: f["outcome"] == "pass" for f in report["findings"] if f["id"].startswith("same.")}
cases = tree.parse(work + "/t.xml").iter("testcase")
other = {re.sub(r"^test_(\w+)\[.*$", r"\1", c.get("name")).replace("_", "-"): not len(c) for c in cases}
assert mine.keys() == other.keys(), mine.keys() ^ other.keys()
differ = {name for name in mine if mine[name] != other[name]}
passed = sum(mine.values())
print(f"  {len(mine)} assertions, {passed} hold and {len(mine) - passed} do not; verdicts agree on {len(mine) - len(differ)}", *differ)
a, b = (statistics.median(column) for column in zip(*times))
ratio = statistics.median(b / a for a, b in times)
print(f"  doctor {a * 1e3:.0f} ms, pytest-testinfra {b * 1e3:.0f} ms: {ratio:.1f} times as fast (goal 10), median of {len(times)} pairs")
# Both start the same commands: whoever asks cannot be faster than the slowest of them.
asked = set(re.findall(r"newer\(host, '([^']+)'", open(here + "/test_same.py").read()))
alone = {command: statistics.median(timed(["sh", "-c", command])[0] for _ in range(3)) for command in asked}
slowest = max(alone, key=alone.get)
print(f"  the slowest of the {len(asked)} commands by itself, `{slowest}`: {alone[slowest] * 1e3:.0f} ms; all of them one by one: {sum(alone.values()) * 1e3:.0f} ms")
sys.exit(bool(differ) or len(mine) < 20)
P
bad=0
# The goal is measured on an image's PATH. Where a version manager's shim, a script that takes longer than all the rest, answers
# for `python3`, the run takes as long as that one command, and so it is shown beside it.
shims=()
case $(command -v python3) in */shims/*) shims=("$PATH") ;; esac
for path in /usr/local/bin:/usr/bin:/bin ${shims[@]+"${shims[@]}"}; do
  echo "  PATH=$path" | cut -c1-100
  PATH=$path "$work/venv/bin/python" "$work/compare.py" "$doctor" "$here" "$work" || bad=1
done
exit $bad
