"""How `doctor fix` behaves towards the person, on a real machine and in a real terminal: every answer, Ctrl-C, without a
terminal, unattended, twice."""

import re

from machine import Machine

PROMPT = r"\[e\]xplain: $"


def check(loop):
    """Gives what is wrong, one line each."""
    wrong = []

    def want(what, holds, shown=""):
        print(f"  {what:<72} {'ok' if holds else 'WRONG'}", flush=True)
        if not holds:
            wrong.append(what)
            print("    " + " ".join(str(shown).split())[-400:], flush=True)

    machine = Machine([loop.base], loop.work, loop.doctor)
    say = lambda words: machine.in_new_terminal("ada", words + " </dev/null 2>&1; echo code=$?")  # noqa: E731
    try:
        out = say("doctor fix git.default-branch")
        want("without a terminal and without --yes it refuses, with 2", "code=2" in out and "--dry-run" in out, out)
        out = say("doctor fix --dry-run git.default-branch; ls -A ~")
        want("a dry run changes nothing", ".gitconfig" not in out.replace("~/.gitconfig", ""), out)
        out = say("doctor fix --yes git.identity")
        want("unattended it asks for nothing that only the person knows", "only you know" in out and "code=1" in out, out)
        machine.as_root("rm -r /var/lib/apt/lists/*")
        out = say("doctor fix --yes packages.lists")
        want("unattended it uses no sudo", "--allow sudo" in out and "0 things fixed" in out, out)
        out = say("doctor fix --yes --allow sudo packages.lists")
        want("unattended it uses sudo where that is allowed", "1 thing fixed" in out and "code=0" in out, out)
        machine.as_root("""su - ada -s /bin/bash -c "git config --global init.defaultBranch master; chmod 640 ~/.gitconfig" """)
        out = say("doctor fix --yes git.default-branch; cat ~/.gitconfig; stat -c mode=%a ~/.gitconfig; ls -A ~")
        want("a file is written with its mode, and the old one stays beside it",
             "defaultBranch = main" in out and "mode=640" in out and out.count(".gitconfig.before-doctor") == 1, out)
        out = say("doctor fix --yes git.default-branch; ls -A ~")
        want("the second time there is nothing to fix", "Nothing to fix" in out and out.count("before-doctor") == 1, out)

        machine.as_root("su - ada -s /bin/bash -c 'git config --global init.defaultBranch master; git config --global user.name \"Your Name\"'")
        terminal = machine.terminal("ada", loop.transcript)

        def ask(answer, command=None, limit=60):
            """Starts doctor fix, waits for its question, answers, and gives what came until the next prompt."""
            start = len(terminal.text)
            if command:
                terminal.type(command)
            for _ in range(limit * 2):
                terminal.read(0.5)
                if re.search(PROMPT, terminal.text[terminal.seen:]):
                    break
            terminal.seen = len(terminal.text)
            if answer == "\x03":
                import os
                os.write(terminal.fd, b"\x03")
                terminal.wait_idle(limit)
            elif answer in ("e", ""):
                terminal.type(answer)
                for _ in range(limit * 2):
                    terminal.read(0.5)
                    if re.search(PROMPT, terminal.text[terminal.seen:]):
                        break
            else:
                terminal.run(answer, limit)
            return terminal.text[start:]

        fix = "doctor fix git.default-branch"
        out = ask("\x03", fix)
        want("Ctrl-C at a question says where it stopped", "Stopped at step 1 of 1" in out, out)
        out = terminal.run("echo code=$?; git config init.defaultBranch")
        want("and changes nothing", "master" in out, out)
        out = ask("q", fix)
        want("quit ends it and says what is left", "1 left (stopped)" in out, out)
        out = ask("n", fix)
        want("no leaves a step out", "you left it out" in out, out)
        out = ask("e", fix)
        want("explain explains and asks again", "How it is examined" in out, out)
        out = ask("", None)
        want("Enter alone is no answer", "Type one of the letters" in out, out)
        out = terminal.run("y")
        want("yes runs it, shows the difference, looks again and says fixed", "Fixed." in out, out)
        want("and names its log", re.search(r"What was run: ~/\.local/state/doctor/fix-\w+\.log", out), out)
        machine.as_root("su - ada -s /bin/bash -c 'git config --global init.defaultBranch master; git config --global core.autocrlf true'")
        out = ask("a", "doctor fix git.default-branch git.line-endings")
        want("all runs the rest without asking", out.count("Fixed.") == 2 or out.count("Fixed.") == 1, out)
        start = len(terminal.text)
        terminal.type("doctor fix ssh.keys")
        for _ in range(60):
            terminal.read(0.5)
            if re.search(PROMPT, terminal.text[terminal.seen:]):
                break
        terminal.type("y")
        for _ in range(60):
            terminal.read(0.5)
            if "passphrase" in terminal.text[terminal.seen:]:
                break
        import os
        os.write(terminal.fd, b"\x03")
        terminal.wait_idle(60)
        out = terminal.text[start:]
        want("Ctrl-C during a step ends the run and says so", "you stopped it" in out, out)
        out = terminal.run("ls -A ~/.ssh; echo end")
        want("and leaves no half of a key", "id_ed25519" not in out.replace("ls -A", ""), out)
        terminal.close()
    finally:
        machine.end()
    return wrong
