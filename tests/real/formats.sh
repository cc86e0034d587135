#!/usr/bin/env bash
# What DOCTOR writes for other programs, read by those programs: JUnit's XML against the schema that Jenkins' xUnit plugin
# publishes and by a reader of GitLab's and Jenkins' dialects, TAP by perl's prove, SARIF against its JSON schema and by a reader
# that makes GitLab's report of it, Markdown by a parser, the GitHub Action and the GitLab template run as their runners do, and
# both against their schemas. What is missing here is left out and said.
set -u
doctor=$(realpath "${1:-target/release/doctor}")
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
bad=0
say() { printf '  %-72s %s\n' "$1" "$2"; }
want() { # WHAT COMMAND…
  local what=$1
  shift
  if "$@" >"$work/out" 2>&1; then say "$what" ok; else
    say "$what" WRONG
    sed 's/^/    /' "$work/out" | head -20
    bad=1
  fi
}

python3 -m venv "$work/venv" && "$work/venv/bin/pip" install -q junitparser lxml jsonschema check-jsonschema pyyaml markdown-it-py sarif-tools >"$work/pip" 2>&1 || {
  say "readers from PyPI" "left out: $(tail -1 "$work/pip")"
  exit 0
}
py=$work/venv/bin/python

# Reports of every kind of finding, by recorded machines; and with files that ask for versions, so that SARIF has lines.
mkdir "$work/repo" && cd "$work/repo" || exit 2
printf '{\n  "engines": { "node": ">=99" },\n  "packageManager": "pnpm@1.0.0+sha512.abc"\n}\n' >package.json
printf '<4 & "x" \x1b[31m::error::pwned\n' >.nvmrc
printf '3.1\n' >.python-version
for machine in "$root"/tests/cli/machines/*.json; do
  name=$(basename "$machine" .json)
  "$doctor" --checks "$root/tests/cli/course" --replay "$machine" demo-git demo-docker demo-python demo-wsl demo-disk -q \
    --output "junit=$work/$name.xml" --output "tap=$work/$name.tap" --output "sarif=$work/$name.sarif" \
    --output "gitlab=$work/$name.quality" --output "$work/$name.md" --output "$work/$name.json" >/dev/null
  echo $? >"$work/$name.code"
done
"$doctor" --project . -q --output "junit=$work/here.xml" --output "tap=$work/here.tap" --output "sarif=$work/here.sarif" \
  --output "gitlab=$work/here.quality" --output "$work/here.md" --output "$work/here.json" >/dev/null
echo $? >"$work/here.code"

want "JUnit is read by junitparser, and its counts are the report's" "$py" - "$work" <<'P'
import glob, json, sys
from junitparser import Error, Failure, JUnitXml, Skipped
for file in glob.glob(sys.argv[1] + "/*.xml"):
    report = json.load(open(file[:-3] + "json"))
    xml = JUnitXml.fromfile(file)
    cases = [case for suite in xml for case in suite]
    lost = report["platform"]["os"] == "other"
    assert len(cases) == len(report["findings"]) + lost, file
    kinds = [type(case.result[0]) if case.result else None for case in cases]
    summary, code = report["summary"], int(open(file[:-3] + "code").read())
    assert kinds.count(None) == summary["passed"], file
    assert kinds.count(Failure) >= summary["failed"], file
    assert (kinds.count(Failure) + kinds.count(Error) > 0) == (code == 1), file
    assert (xml.tests, xml.failures, xml.errors) == (len(cases), kinds.count(Failure), kinds.count(Error)), file
P
# pytest's source package carries the schema of Jenkins' xUnit plugin.
if "$work/venv/bin/pip" download -q --no-deps --no-binary :all: pytest -d "$work/sdist" >"$work/pip" 2>&1 &&
  tar -xzf "$work"/sdist/pytest-*.tar.gz -C "$work" --wildcards '*/junit-10.xsd' --strip-components=3; then
  want "JUnit fits the xUnit plugin's junit-10.xsd" "$py" - "$work" <<'P'
import glob, sys
from lxml import etree
schema = etree.XMLSchema(etree.parse(sys.argv[1] + "/junit-10.xsd"))
files = glob.glob(sys.argv[1] + "/*.xml")
assert len(files) > 5
for file in files:
    schema.assertValid(etree.parse(file))
# The schema itself can say no.
assert not schema.validate(etree.fromstring("<testsuite><testcase/></testsuite>"))
P
else
  say "JUnit against junit-10.xsd" "left out: $(tail -1 "$work/pip")"
fi

# An older prove refuses the word 14 alone; version 14 is made so that readers of 13 understand it.
spoken=14
printf 'TAP version 14\n1..1\nok 1\n' >"$work/fourteen.t"
prove -Q -e cat "$work/fourteen.t" >/dev/null 2>&1 || spoken=13
agree() { # COMMAND…: a reader of TAP comes to the same verdict as doctor
  local file code said
  for file in "$work"/*.tap; do
    code=$(cat "${file%.tap}.code")
    "$@" "$file" >"$work/read" 2>&1
    said=$?
    if [ $((said != 0)) != "$code" ] || grep -qi 'parse error' "$work/read"; then
      echo "$file: doctor $code, reader $said"
      tail -20 "$work/read"
      return 1
    fi
  done
}
by_prove() { sed "s/^TAP version 14\$/TAP version $spoken/" "$1" >"$work/read.t" && prove -Q -e cat "$work/read.t"; }
by_tap_parser() { node "$work/node_modules/.bin/tap-parser" -j 1 <"$1"; }
if command -v prove >/dev/null; then
  want "TAP is read by prove (as version $spoken), which comes to the same verdict" agree by_prove
else
  say "TAP by prove" "left out: no prove here"
fi
if command -v npm >/dev/null && npm install --silent --no-audit --no-fund --prefix "$work" tap-parser >"$work/npm" 2>&1; then
  want "TAP 14 is read by npm's tap-parser, which comes to the same verdict" agree by_tap_parser
else
  say "TAP by tap-parser" "left out: $(tail -1 "$work/npm" 2>/dev/null)"
fi

if command -v npm >/dev/null && (cd "$work" && npm pack --silent @microsoft/jest-sarif && tar -xzf microsoft-jest-sarif-*.tgz) >"$work/npm" 2>&1; then
  want "SARIF fits its schema, and its results stand at lines that exist" "$py" - "$work" <<'P'
import glob, json, sys
import jsonschema
schema = json.load(open(glob.glob(sys.argv[1] + "/package/lib/schemas/sarif-2.1.0*.json")[0]))
validator = jsonschema.validators.validator_for(schema)(schema)
files = glob.glob(sys.argv[1] + "/*.sarif")
for file in files:
    errors = [e.message for e in validator.iter_errors(json.load(open(file)))]
    assert not errors, (file, errors[:3])
results = json.load(open(sys.argv[1] + "/here.sarif"))["runs"][0]["results"]
assert results, "the files ask for what this machine does not have"
for result in results:
    place = result["locations"][0]["physicalLocation"]
    lines = open(place["artifactLocation"]["uri"]).read().splitlines()
    assert 1 <= place["region"]["startLine"] <= len(lines), place
assert not validator.is_valid({"version": "2.1.0"})
quality = json.load(open(sys.argv[1] + "/here.quality"))
assert len(quality) == len(results) and len({q["fingerprint"] for q in quality}) == len(quality)
for issue in quality:
    assert set(issue) == {"description", "check_name", "fingerprint", "severity", "location"}, issue
    assert issue["severity"] in ("info", "minor", "major", "critical", "blocker")
P
else
  say "SARIF against its schema" "left out: $(tail -1 "$work/npm" 2>/dev/null)"
fi

by_sarif_tools() { # The same issues at the same lines as in our own code quality report
  "$work/venv/bin/sarif" codeclimate "$work/here.sarif" --output "$work/theirs.quality" && "$py" - "$work" <<'P'
import json, sys
def lines(file):
    return sorted((i["location"]["path"], i["location"]["lines"]["begin"]) for i in json.load(open(sys.argv[1] + file)))
ours, theirs = lines("/here.quality"), lines("/theirs.quality")
assert ours and ours == theirs, (ours, theirs)
P
}
want "SARIF is read by sarif-tools, whose code quality report has our lines" by_sarif_tools
want "Markdown: a parser sees each problem, whole commands, no HTML of others" "$py" - "$work" <<'P'
import glob, json, re, sys
from markdown_it import MarkdownIt
parser = MarkdownIt("commonmark", {"html": True}).enable("table")
files = glob.glob(sys.argv[1] + "/*.md")
assert len(files) > 5
for file in files:
    report = json.load(open(file[:-2] + "json"))
    tokens = parser.parse(open(file).read())
    flat = [t for token in tokens for t in [token, *(token.children or [])]]
    bad = [f for f in report["findings"] if f["outcome"] in ("fail", "unknown") and f["level"] != "optional" and "waived" not in f]
    assert sum(t.type == "heading_open" and t.tag == "h3" for t in tokens) == len(bad), file
    html = {tag for t in flat if t.type.startswith("html_") for tag in re.findall(r"</?\w+[^>]*>", t.content)}
    assert html <= {"<details>", "</details>", "<summary>", "</summary>"}, (file, html)
    assert all(t.attrs["href"].startswith("https://") for t in flat if t.type == "link_open"), file
    fences = [t.content for t in tokens if t.type == "fence"]
    for finding in bad:
        run = finding.get("fix", {}).get("run")
        assert not run or any("\n".join(run) in fence for fence in fences), (file, finding["id"])
P

check=$work/venv/bin/check-jsonschema
want "the GitHub Action fits GitHub's schema" "$check" --builtin-schema vendor.github-actions "$root/install/github/action.yml"
want "the GitLab template fits GitLab's schema" "$check" --builtin-schema vendor.gitlab-ci --data-transform gitlab-ci "$root/install/gitlab.yml"
want "the GitHub Action's script runs, and hostile inputs stay words" "$py" - "$root" "$doctor" "$work" <<'P'
import os, subprocess, sys, yaml
root, doctor, work = sys.argv[1:]
action = yaml.safe_load(open(root + "/install/github/action.yml"))
step = action["runs"]["steps"][0]
assert "${{" not in step["run"], "inputs reach the script as variables only"
os.makedirs(work + "/bin", exist_ok=True)
if not os.path.exists(work + "/bin/doctor"):
    os.symlink(doctor, work + "/bin/doctor")
def run(**inputs):
    env = {**os.environ, "PATH": work + "/bin:" + os.environ["PATH"], "GITHUB_OUTPUT": work + "/output",
           "GITHUB_STEP_SUMMARY": work + "/summary.md", "GITHUB_ACTIONS": "true"}
    for name, value in step["env"].items():
        key = value.split("inputs.")[1].split(" ")[0] if "inputs." in value else None
        env[name] = str(inputs.get(key, action["inputs"][key]["default"])) if key else root
    for file in ("/output", "/summary.md"):
        open(work + file, "w").close()
    done = subprocess.run(["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]], env=env, capture_output=True, text=True)
    return done, open(work + "/output").read(), open(work + "/summary.md").read()
done, output, summary = run(profile="minimal", junit=work + "/action.junit", report=work + "/action.report")
assert done.returncode in (0, 1), done.stderr
assert output == ("verdict=ready\n", "verdict=not-ready\n")[done.returncode], output
assert summary.startswith("## doctor: ") and os.path.exists(work + "/action.junit")
assert all(line.startswith(("::error ", "::warning ", "::notice ", "Ready: ", "Not ready: ")) for line in done.stdout.splitlines()), done.stdout
done, output, summary = run(profile="$(touch " + work + "/pwned); `x`")
assert done.returncode == 2 and not os.path.exists(work + "/pwned") and output == "", done
P
want "the GitLab template's script runs, with and without requirement files" "$py" - "$root" "$work" <<'P'
import json, os, subprocess, sys, yaml
import xml.etree.ElementTree as tree
root, work = sys.argv[1:]
job = yaml.safe_load(open(root + "/install/gitlab.yml"))[".doctor"]
def run(folder, **variables):
    env = {**os.environ, "PATH": work + "/bin:" + os.environ["PATH"], "GITLAB_CI": "true", **job["variables"], **variables}
    return subprocess.run(["sh", "-ec", "\n".join(job["script"])], env=env, cwd=folder, capture_output=True, text=True)
os.makedirs(work + "/bare", exist_ok=True)
for folder, variables in ((work + "/bare", {}), (work + "/repo", {"DOCTOR_PROJECT": ".", "DOCTOR_OPTIONS": "--strict --wait 1s"})):
    done = run(folder, **variables)
    assert done.returncode in (0, 1), done
    tree.parse(folder + "/" + job["artifacts"]["reports"]["junit"])
    json.load(open(folder + "/" + job["artifacts"]["reports"]["codequality"]))
    assert open(folder + "/" + job["artifacts"]["paths"][0]).read().startswith("## doctor: ")
done = run(work + "/bare", DOCTOR_PROFILE="$(touch pwned)")
assert done.returncode == 2 and not os.path.exists(work + "/bare/pwned"), done
P
exit $bad
