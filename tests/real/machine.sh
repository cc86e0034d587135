#!/usr/bin/env bash
# The real machine, examined for real: DOCTOR must answer, change nothing, and replay to the same findings.
set -u
doctor=$(realpath "${1:-target/release/doctor}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
bad=0
say() { printf '  %-62s %s\n' "$1" "$2"; }
want() { # WHAT COMMAND…
  local what=$1
  shift
  if "$@" >"$work/out" 2>&1; then say "$what" ok; else
    say "$what" WRONG
    sed 's/^/    /' "$work/out" | head -20
    bad=1
  fi
}
ready() { [ "$1" = 0 ] || [ "$1" = 1 ]; }

"$doctor" --version
"$doctor" --record "$work/r.json" --format json >"$work/a.json"
code=$?
want "the exit code is 0 or 1 (it is $code)" ready $code
"$doctor" --replay "$work/r.json" --format json >"$work/b.json"
want "the replay's exit code is the same" test $? = $code
want "the replay's findings are identical" python3 - "$work/a.json" "$work/b.json" <<'P'
import json, sys
a, b = (json.load(open(f))["findings"] for f in sys.argv[1:])
assert a == b, [(x, y) for x, y in zip(a, b) if x != y][:2]
P
want "every check is reported once" python3 - "$work/a.json" "$doctor" <<'P'
import json, subprocess, sys
found = [f["id"] for f in json.load(open(sys.argv[1]))["findings"]]
listed = [c["id"] for c in json.loads(subprocess.run([sys.argv[2], "list", "--format", "json"], capture_output=True).stdout)["checks"]]
assert found == listed, set(found) ^ set(listed)
P
want "no home path, user, host or e-mail in recording and report" python3 - "$work/a.json" "$work/r.json" <<'P'
import getpass, os, re, socket, sys
for file in sys.argv[1:]:
    text = open(file).read()
    home, user, host = os.path.expanduser("~"), getpass.getuser(), socket.gethostname()
    assert home not in ("/", "") and home + "/" not in text, ("home", file)
    assert len(host) < 4 or not re.search(r"\b%s\b" % re.escape(host), text), ("host", file)
    if user not in ("root", "user", "git", "node", "test", "go"):
        assert not re.search(r"\b%s\b" % re.escape(user), text), ("user", file)
    mails = set(re.findall(r"[\w.+-]+@[\w-]+\.[\w.]+", text)) - {"git@github.com"}
    assert not [m for m in mails if "example" not in m and not m.startswith("git@")], (mails, file)
    assert "PRIVATE KEY-----" not in text, ("key", file)
P

# A learner's empty home must stay empty, whatever the tools would like to write into it.
mkdir "$work/home"
(cd "$work" && HOME="$work/home" "$doctor" -q >/dev/null 2>&1)
want "an empty home folder stays empty" test -z "$(ls -A "$work/home")"
before=$(find ~ -xdev \( -path ~/.cargo -o -path ~/.cache -o -path ~/.npm \) -prune -o -newer "$work/r.json" -type f -print 2>/dev/null | grep -v "$work" | sort)
"$doctor" -q >/dev/null 2>&1
after=$(find ~ -xdev \( -path ~/.cargo -o -path ~/.cache -o -path ~/.npm \) -prune -o -newer "$work/r.json" -type f -print 2>/dev/null | grep -v "$work" | sort)
want "nothing in this home is written" test "$before" = "$after"

for what in "PATH=" "PATH=/nowhere"; do
  env -u HOME "$what" "$doctor" --format json >"$work/c.json" 2>/dev/null
  want "with $what and without HOME every check is reported" python3 - "$work/a.json" "$work/c.json" <<'P'
import json, sys
a, b = ([f["id"] for f in json.load(open(f))["findings"]] for f in sys.argv[1:])
assert a == b, set(a) ^ set(b)
P
done
# The released program does not unwind; a defect in one probe costs that check's finding and no other.
mishap=$(dirname "$doctor")/examples/mishap
if [ -x "$mishap" ]; then
  "$mishap" >"$work/mishap"
  want "a probe that panics is unclear, and every other check is reported" sh -c \
    'grep -q "^git.installed Unknown: .*doctor itself failed" "$0" && test "$(grep -c Pass "$0")" -gt 5 && test "$(wc -l <"$0")" = "$1"' \
    "$work/mishap" "$(python3 -c 'import json, sys; print(len(json.load(open(sys.argv[1]))["findings"]))' "$work/a.json")"
else
  say "a probe that panics" "left out: no $mishap"
fi
want "no process is left" sh -c '! grep -lsaz DOCTOR_PROBE /proc/[0-9]*/environ'
exit $bad
