"""A Debian machine to break: a root folder of its own, over one that stays as it is; its own processes, host name and
mounts. Needs root, `unshare`, `nsenter` and overlay mounts; the network is this machine's."""

import fcntl
import os
import pty
import re
import select
import shutil
import subprocess
import tempfile
import termios
import time

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
ESCAPES = re.compile(r"\x1b\[[0-9;?<=>]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(\x07|\x1b\\)|\x1bP[^\x1b]*\x1b\\|\x1b[()][0-9A-B]|\x1b[=>]|\r")

PROMPT = re.compile(r"(\w+@desk:[^\n]*[$#]|desk%|\w+@desk [^\n]*>) ?$")


def root_of(base, packages, log):
    """Makes the root folder that machines start from, once; an earlier one of the same packages is taken."""
    done = os.path.join(base, ".made-of")
    wanted = " ".join(sorted(packages))
    if os.path.exists(done) and open(done).read() == wanted:
        return
    shutil.rmtree(base, ignore_errors=True)
    command = ["mmdebstrap", "--variant=minbase", "--skip=cleanup/apt/lists", "--aptopt=Acquire::Check-Valid-Until \"false\"",
               "--include=" + ",".join(packages), "trixie", base]
    subprocess.run(command, check=True, stdout=log, stderr=log)
    bundle = "/etc/ssl/certs/ca-certificates.crt"
    shutil.copy(bundle, base + bundle)
    names = ["SSL_CERT_FILE", "CURL_CA_BUNDLE", "PIP_CERT", "NODE_EXTRA_CA_CERTS", "REQUESTS_CA_BUNDLE"]
    write(base + "/etc/environment", "".join(f"{name}={bundle}\n" for name in names) + f"PATH={PATH}\n")
    write(base + "/etc/sudoers.d/ada", "ada ALL=(ALL) NOPASSWD: ALL\n")
    for folder in ["/etc/resolv.conf", "/etc/hosts"]:
        shutil.copy(folder, base + folder)
    for user, shell in [("ada", "bash"), ("bob", "bash"), ("zoe", "zsh"), ("finn", "fish")]:
        subprocess.run(["chroot", base, "useradd", "-m", "-s", f"/bin/{shell}", user], check=True)
        # zsh asks a newcomer many things where there is no file of this name.
        write(f"{base}/home/{user}/.zshrc", "# start-up file\n")
    write(base + "/etc/sudoers.d/others", "zoe ALL=(ALL) NOPASSWD: ALL\nfinn ALL=(ALL) NOPASSWD: ALL\n")
    subprocess.run(["chroot", base, "chown", "-R", "zoe:zoe", "/home/zoe"], check=True)
    write(done, wanted)


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as file:
        file.write(text)


class Machine:
    """One machine, from its start to its end."""

    def __init__(self, layers, work, doctor):
        self.work = tempfile.mkdtemp(dir=work)
        self.root = f"{self.work}/root"
        for name in ["up", "work", "root"]:
            os.mkdir(f"{self.work}/{name}")
        lower = ":".join(layers)
        script = f"""
            mount -t overlay overlay -o lowerdir={lower},upperdir={self.work}/up,workdir={self.work}/work {self.root} &&
            mount -t proc proc {self.root}/proc && mount --rbind /sys {self.root}/sys && mount --rbind /dev {self.root}/dev &&
            mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts {self.root}/dev/pts &&
            mount -t tmpfs tmpfs {self.root}/run && mkdir -p {self.root}/run/lock && hostname desk &&
            mkdir -p {self.root}/opt/doctor && cp {doctor} {self.root}/usr/local/bin/doctor &&
            chmod 755 {self.root}/usr/local/bin/doctor &&
            touch {self.root}/run/.ready && exec chroot {self.root} /bin/bash -c 'while :; do sleep 1000 & wait; done'"""
        self.init = subprocess.Popen(["unshare", "-m", "-p", "-u", "-i", "-f", "--kill-child", "sh", "-c", script],
                                     stdin=subprocess.DEVNULL, start_new_session=True)
        for _ in range(200):
            self.pid = self.child()
            if self.pid and os.path.exists(f"/proc/{self.pid}/root/run/.ready") and \
                    os.path.realpath(f"/proc/{self.pid}/root") != "/":
                break
            time.sleep(0.05)
        else:
            raise RuntimeError("the machine does not start")

    def child(self):
        try:
            return open(f"/proc/{self.init.pid}/task/{self.init.pid}/children").read().split()[0]
        except (OSError, IndexError):
            return None

    def inside(self, *argv):
        return ["nsenter", "-t", self.pid, "-m", "-p", "-u", "-i", "-r", "-w", "/usr/bin/env", "-i", f"PATH={PATH}",
                "TERM=xterm-256color", "LANG=C.UTF-8", *argv]

    def as_root(self, script, check=True):
        """Runs a script as root."""
        ran = subprocess.run(self.inside("HOME=/root", "DEBIAN_FRONTEND=noninteractive", "bash", "-ec",
                                         f"set -a; . /etc/environment; set +a\n{script}"),
                             stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                             errors="replace", timeout=600)
        if check and ran.returncode != 0:
            raise RuntimeError(f"making the state failed ({ran.returncode}):\n{ran.stdout[-2000:]}")
        return ran.stdout

    def in_new_terminal(self, user, words):
        """Runs words in a new terminal of a user, after a new login, and gives what they print."""
        shell = self.as_root(f"getent passwd {user} | cut -d: -f7").strip()
        ran = subprocess.run(self.inside("su", "-", user, "-s", "/bin/sh", "-c",
                                         f"SHELL={shell} exec {shell} -lic '{words}'"),
                             stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                             errors="replace", timeout=180)
        return ran.stdout

    def terminal(self, user, transcript):
        return Terminal(self.inside("su", "-", user), transcript)

    def end(self):
        self.init.kill()
        self.init.wait()
        time.sleep(0.1)
        shutil.rmtree(self.work, ignore_errors=True)


class Terminal:
    """A terminal with a shell in it, typed into as a person would."""

    def __init__(self, argv, transcript):
        self.transcript = transcript
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execvp(argv[0], argv)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, b"\x32\x00\x78\x00\x00\x00\x00\x00")
        self.text = ""
        self.seen = 0
        self.wait_idle(15)

    def read(self, wait):
        ready, _, _ = select.select([self.fd], [], [], wait)
        if not ready:
            return False
        try:
            data = os.read(self.fd, 65536).decode("utf-8", "replace")
        except OSError:
            raise EOFError("the terminal was closed")
        self.transcript.write(data)
        # fish asks the terminal what it can do, and waits for an answer.
        if "\x1b[0c" in data or "\x1b[c" in data:
            os.write(self.fd, b"\x1b[?62;c")
        self.text += ESCAPES.sub("", data)
        return True

    def wait_idle(self, limit, answers=()):
        """Waits until the shell waits for a line; answers what is asked meanwhile, each once or always."""
        answers = [[pattern, list(lines)] for pattern, lines in answers]
        end = time.time() + limit
        while time.time() < end:
            if self.read(0.4):
                continue
            tail = self.text[self.seen:].rsplit("\n", 1)[-1]
            for pattern, lines in answers:
                if re.search(pattern, tail) and lines:
                    self.type(lines.pop(0) if len(lines) > 1 else lines[0])
                    break
            else:
                if PROMPT.search(tail):
                    return
        raise TimeoutError(f"no prompt after {limit} s; the screen ends with:\n{self.text[-600:]}")

    def type(self, line):
        self.seen = len(self.text)
        os.write(self.fd, (line + "\n").encode())

    def run(self, line, limit=240, answers=()):
        """Types a line and waits for the next prompt; gives what was shown."""
        start = len(self.text)
        self.type(line)
        self.wait_idle(limit, answers)
        return self.text[start:]

    def close(self):
        try:
            os.close(self.fd)
        finally:
            for _ in range(20):
                if os.waitpid(self.pid, os.WNOHANG)[0]:
                    return
                time.sleep(0.05)
            os.kill(self.pid, 9)
            os.waitpid(self.pid, 0)
