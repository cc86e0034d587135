"""Broken states of a learner's machine: how each is made, what doctor must call it, and how its fix is answered."""

from dataclasses import dataclass, field

NAME = (r"Your name: $", ["Ada Lovelace"])
MAIL = (r"Your e-mail address: $", ["ada@lovelace.dev"])
PASSPHRASE = (r"(passphrase|same passphrase)[^\n]*: ?$", [""])


@dataclass
class State:
    name: str
    check: str
    diagnosis: str
    make: str = "true"
    user: str = "ada"
    layer: str = ""
    answers: list = field(default_factory=list)
    # What must be found after the fix: `pass`, or the diagnosis that is left for the person, such as a new login.
    then: str = "pass"
    # Whose the fix is, where it is not doctor's to run.
    by: str = "doctor"
    # Checks that the plan is made for, where one alone would do too little.
    only: str = ""
    # An address that cannot be reached from everywhere: then this is listed and not counted.
    needs: str = ""
    limit: int = 240
    # Takes minutes: only where DOCTOR_FIX_ALL is set.
    heavy: bool = False


KEY = "mkdir -p -m 700 ~/.ssh; ssh-keygen -q -t ed25519 -N '' -f ~/.ssh/id_ed25519"


def user(script, who="ada"):
    """As that user, in a login shell's environment."""
    quoted = script.replace("'", "'\\''")
    return f"su - {who} -s /bin/bash -c '{quoted}'"


def for_everybody(name):
    """Unpacks what this machine gives into a folder of each user's home, as an installer would."""
    return f"""
        for user in ada zoe finn; do
            mkdir /home/$user/.{name}
            tar -C /home/$user/.{name} -xf /opt/{name}.tar
            chown -R $user: /home/$user
        done
        """


STATES = [
    # git
    State("git: no identity", "git.identity", "missing", answers=[NAME, MAIL]),
    State("git: example identity", "git.identity", "placeholder", answers=[NAME, MAIL],
          make=user("git config --global user.name 'Your Name'; git config --global user.email you@example.com")),
    State("git: name without e-mail", "git.identity", "email-missing", answers=[MAIL],
          make=user("git config --global user.name 'Ada Lovelace'")),
    State("git: no identity, in fish", "git.identity", "missing", user="finn", answers=[NAME, MAIL]),
    State("git: no identity, in zsh", "git.identity", "missing", user="zoe", answers=[NAME, MAIL]),
    State("git: configuration broken", "git.configuration", "bad-line",
          make=user("printf '[user]\\n\\tname = Ada\\n[core\\n\\teditor = vi\\n' > ~/.gitconfig")),
    State("git: other default branch", "git.default-branch", "other-branch",
          make=user("git config --global init.defaultBranch master")),
    State("git: no default branch set", "git.default-branch", "unset"),
    # ssh
    State("ssh: no key", "ssh.keys", "none", answers=[PASSPHRASE]),
    State("ssh: key others can read", "ssh.keys", "too-open", make=user(KEY + "; chmod 644 ~/.ssh/id_ed25519")),
    State("ssh: no public half", "ssh.keys", "public-half-missing", make=user(KEY + "; rm ~/.ssh/id_ed25519.pub")),
    # apt
    State("apt: interrupted", "packages.state", "half-configured", make="""
        cd /tmp; apt-get download -qq less >/dev/null 2>&1; dpkg --unpack less_*.deb >/dev/null; rm less_*.deb"""),
    State("apt: no package lists", "packages.lists", "lists-missing", make="rm -r /var/lib/apt/lists/*"),
    # docker
    State("docker: not installed", "docker.cli", "absent", limit=400),
    State("docker: Compose missing", "docker.compose", "missing", layer="docker",
          make="dpkg --purge docker-compose >/dev/null", limit=300),
    State("docker: daemon stopped", "docker.daemon", "stopped-without-systemd", layer="docker",
          make="usermod -aG docker ada"),
    State("docker: socket denied", "docker.daemon", "socket-denied", layer="docker",
          make="service docker start; for i in $(seq 40); do [ ! -S /run/docker.sock ] || break; sleep 0.5; done; "
               "docker version >/dev/null"),
    State("postgres: port 5432 taken", "postgres.port", "taken-by-program", by="eye", layer="docker", make="""
        python3 -c 'import socket,time; s=socket.socket(); s.setsockopt(1,2,1); s.bind(("127.0.0.1",5432)); s.listen(); time.sleep(600)' </dev/null >/dev/null 2>&1 &
        sleep 1"""),
    # python
    State("python: venv missing", "python.venv", "venv-missing", limit=300),
    State("python: uv missing", "uv.command", "absent", limit=300),
    State("python: pyenv not initialised", "pyenv.command", "not-on-path", layer="pyenv"),
    State("python: pyenv not initialised, in zsh", "pyenv.command", "not-on-path", user="zoe", layer="pyenv"),
    State("python: pyenv not initialised, in fish", "pyenv.command", "not-on-path", user="finn", layer="pyenv"),
    State("python: selected version absent", "pyenv.selected", "not-installed", layer="pyenv", needs="python.org",
          make=user("echo 3.12.99 > ~/.pyenv/version; printf '%s\\n' 'export PATH=\"$HOME/.pyenv/bin:$PATH\"' "
                    "'eval \"$(pyenv init -)\"' >> ~/.bashrc")),
    # node
    State("node: missing", "node.cli", "absent", needs="raw.githubusercontent.com"),
    State("node: past its life", "node.cli", "end-of-life", layer="node18", needs="raw.githubusercontent.com"),
    State("nvm: not sourced", "node.cli", "nvm-not-loaded", layer="nvm"),
    State("nvm: not sourced, in zsh", "node.cli", "nvm-not-loaded", user="zoe", layer="nvm"),
    State("nvm: not sourced, in fish", "node.cli", "nvm-not-loaded", user="finn", layer="nvm", needs="fnm.vercel.app"),
    State("npm: prefix not writable", "npm.prefix", "not-writable", layer="node"),
    State("npm: prefix not writable, in zsh", "npm.prefix", "not-writable", user="zoe", layer="node"),
    State("npm: prefix not writable, in fish", "npm.prefix", "not-writable", user="finn", layer="node"),
    State("pnpm: missing", "pnpm.cli", "absent", layer="node"),
    # clouds
    State("aws: missing", "aws.installed", "absent", limit=300),
    State("aws: version 1", "aws.installed", "version-1", layer="aws1", limit=300),
    State("az: missing", "azure.installed", "absent", limit=1200, heavy=True),
    # go
    State("go: not on PATH", "go.cli", "not-on-path", layer="go"),
    State("go: not on PATH, in fish", "go.cli", "not-on-path", user="finn", layer="go"),
]

# What the registries do not hold, and so cannot be made here without pretending.
NOT_MADE = [
    "the Docker daemon stopped under systemd: systemd does not run in a machine of this kind",
]

# What machines start from beside the bare system: a script that runs as root in it, and what this machine gives it.
LAYERS = {
    "docker": """
        apt-get update -qq; apt-get install -y -qq --no-install-recommends docker.io docker-cli docker-compose >/dev/null 2>&1
        service docker stop >/dev/null 2>&1 || true
        # The script wants more open files than this machine lets root have.
        sed -i '/ulimit -/s/ulimit.*/:/' /etc/init.d/docker
        mkdir -p /etc/docker
        echo '{"iptables": false, "ip6tables": false, "bridge": "none", "storage-driver": "vfs"}' > /etc/docker/daemon.json""",
    "pyenv": for_everybody("pyenv") + "test -x /home/ada/.pyenv/libexec/pyenv",
    "node": "tar -C /usr/local -xf /opt/node.tar; node --version; npm --version",
    "node18": "tar -C /usr/local -xf /opt/node18.tar; node --version",
    "nvm": for_everybody("nvm") + "test -s /home/ada/.nvm/nvm.sh",
    "aws1": """
        apt-get update -qq; apt-get install -y -qq --no-install-recommends python3-pip >/dev/null 2>&1
        su - ada -c 'pip install -q --user --break-system-packages "awscli<2"' 2>&1 | tail -2""",
    "go": "tar -C /usr/local -xf /opt/go.tar; /usr/local/go/bin/go version",
}
