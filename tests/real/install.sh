#!/usr/bin/env bash
# install/install.sh for real: in four shells, from a folder, file:// and a loopback server, with everything that goes wrong
# on the way. The archive is made of the given DOCTOR by install/release.sh. Every case has a home of its own below one
# temporary folder, a PATH of its own with few programs on it, and nothing else of the environment.
#
#   install.sh [DOCTOR [SHELL…]]       BUILD=1 also builds from the checkout
# Conditions are given to eval in single quotes; A && B || C is meant.
# shellcheck disable=SC2015,SC2016,SC2034
set -u
here=$(cd "$(dirname "$0")/../.." && pwd)
doctor=$(realpath "${1:-target/release/doctor}")
[ -x "$doctor" ] || { echo "there is no program $doctor"; exit 2; }
work=$(mktemp -d)
servers=()
stop() {
  for pid in "${servers[@]+"${servers[@]}"}"; do kill "$pid" 2>/dev/null; done
  chmod -R u+w "$work" 2>/dev/null
  rm -rf "$work"
}
trap stop EXIT
trap 'exit 130' INT TERM
cd "$work" || exit 2

passed=0 failed=0 skipped=0
rows=()
row() { rows+=("$(printf '%-12s %-66s %s' "$1" "$2" "$3")"); }
leave() { row "$1" "$2" "left out: $3"; skipped=$((skipped + 1)); }
# want SHELL WHAT CONDITION…: the condition is a command; what the script said is shown where it does not hold.
want() {
  local who=$1 what=$2
  shift 2
  if "$@"; then row "$who" "$what" ok && passed=$((passed + 1)); else
    row "$who" "$what" WRONG && failed=$((failed + 1))
    printf 'WRONG: %s: %s (exit %s)\n' "$who" "$what" "$code"
    sed 's/^/    /' "$work/said"
  fi
}

# --- what is served ------------------------------------------------------------------------------------------------

target=$(uname -m)-unknown-linux-$(if ldd "$doctor" 2>&1 | grep -qE 'not a dynamic|statically|musl'; then echo musl; else echo gnu; fi)
release() { DIST=$work/served/$1 ALLOW_DIRTY=1 bash "$here/install/release.sh" "${@:2}" >>"$work/release.log" 2>&1; }
good() { release good pack "$target" "$doctor" && release good deb "$target" "$doctor" && release good finish --from http://127.0.0.1/x; }
good || { cat "$work/release.log"; exit 1; }
archive=$(basename "$work"/served/good/*.tar.gz)
for kind in badsum nosum notours cut wrong; do mkdir "$work/served/$kind" && cp "$work"/served/good/{SHA256SUMS,*.tar.gz} "$work/served/$kind/"; done
sed -i 's/^[0-9a-f]\{8\}/00000000/' "$work/served/badsum/SHA256SUMS"
rm "$work/served/nosum/SHA256SUMS"
sed -i "s/$target/riscv64-plan9/" "$work/served/notours/SHA256SUMS"
truncate -s 700000 "$work/served/cut/$archive"
mkdir -p "$work/page" "$work/served/login" && echo '<html>Log in to the network</html>' >"$work/served/login/SHA256SUMS"
# An archive with the right sum and a program in it that does not start.
mkdir -p "$work/w/${archive%.tar.gz}" && printf '#!/no/such/loader\n' >"$work/w/${archive%.tar.gz}/doctor" && chmod +x "$work/w/${archive%.tar.gz}/doctor"
tar -C "$work/w" -czf "$work/served/wrong/$archive" "${archive%.tar.gz}"
(cd "$work/served/wrong" && sha256sum "$archive" >SHA256SUMS)
mkdir "$work/served/a folder ünïcode" && cp "$work"/served/good/{SHA256SUMS,*.tar.gz} "$work/served/a folder ünïcode/"

# A plain server; one that breaks off in the middle of the archive, or stops there until it is left; and a proxy that
# counts who comes by.
cat >servers.py <<'PY'
import http.server, os, socketserver, sys, time
kind, folder = sys.argv[1:]
class Plain(http.server.SimpleHTTPRequestHandler):
    def __init__(self, *a): super().__init__(*a, directory=folder)
    def log_message(self, *a): pass
class Cut(Plain):
    def do_GET(self):
        if not self.path.endswith(".gz"): return super().do_GET()
        data = open(self.translate_path(self.path), "rb").read()
        self.send_response(200); self.send_header("Content-Length", str(len(data))); self.end_headers()
        self.wfile.write(data[: len(data) // 2]); self.wfile.flush()
        if kind == "hang": time.sleep(600)
        self.close_connection = True
class Proxy(Plain):
    def do_GET(self):
        with open("proxied", "a") as seen: seen.write(self.path + "\n")
        self.path = "/" + self.path.split("/", 3)[3]
        super().do_GET()
class Server(socketserver.ThreadingMixIn, http.server.HTTPServer): daemon_threads = True
server = Server(("127.0.0.1", 0), {"plain": Plain, "cut": Cut, "hang": Cut, "proxy": Proxy}[kind])
open(f"port.{kind}.part", "w").write(str(server.server_port)); os.rename(f"port.{kind}.part", f"port.{kind}")
server.serve_forever()
PY
for kind in plain cut hang proxy; do
  python3 servers.py $kind "$work/served" &
  servers+=($!)
done
for kind in plain cut hang proxy; do for _ in $(seq 100); do [ -s port.$kind ] && break || sleep 0.1; done; done
at() { printf 'http://127.0.0.1:%s' "$(cat "$work/port.$1")"; }

# --- the programs a case has ---------------------------------------------------------------------------------------

# tools NAME PROGRAM…: a folder for PATH with these programs, and what the script needs anywhere.
common='uname mktemp grep sed tar gzip tr head tail cp mv rm rmdir mkdir chmod cat awk dirname id getconf sleep'
tools() {
  local into=$work/bin/$1 one
  mkdir -p "$into"
  for one in $common "${@:2}"; do ln -sf "$(command -v "$one")" "$into/$one"; done
}
tools curl curl sha256sum
tools wget wget sha256sum
tools shasum curl shasum perl
tools openssl curl openssl
tools nosum curl
tools none sha256sum
if command -v busybox >/dev/null; then
  mkdir -p bin/busybox && for one in $common wget sha256sum sh; do ln -sf "$(command -v busybox)" "bin/busybox/$one"; done
  rm -f bin/busybox/getconf # it is no part of busybox
fi

shells=()
wanted=("${@:2}")
[ ${#wanted[@]} -gt 0 ] || wanted=(dash "busybox ash" bash zsh)
for one in "${wanted[@]}"; do
  if command -v "${one%% *}" >/dev/null; then shells+=("$one"); else leave "$one" "everything" "it is not here"; fi
done

# fresh: an empty home. put ARGUMENTS…: runs the script in $sh, with $with programs on PATH, and whatever $env holds.
# Its words go to said, its exit code to code.
n=0
fresh() { n=$((n + 1)) home=$work/home$n with=curl env=() homes=("HOME=$home") && mkdir -p "$home/tmp"; }
put() {
  local words
  read -ra words <<<"$sh"
  words[0]=$(command -v "${words[0]}")
  (cd "$home" && exec env -i TMPDIR="$home/tmp" PATH="$work/bin/$with" SHELL=/bin/bash "${homes[@]+"${homes[@]}"}" \
    "${env[@]+"${env[@]}"}" "${words[@]}" "$here/install/install.sh" "$@") >"$work/said" 2>&1 </dev/null
  code=$?
}
said() { grep -qF -- "$1" "$work/said"; }
# Nothing lies anywhere in the home, the temporary folder included, but what is named.
only() {
  local is
  is=$(cd "$home" && find . -mindepth 1 ! -type d -printf '%P\n' | sort | tr '\n' ' ')
  [ "$is" = "$*${*:+ }" ] && [ -z "$(ls -A "$home/tmp")" ] || { printf 'lies there: %s, in tmp: %s\n' "$is" "$(ls -A "$home/tmp")" >>"$work/said" && return 1; }
}
nothing() { [ "$code" = 2 ] && only && [ ! -e "$home/.local" ]; }
installed() { [ "$code" = 0 ] && only .local/bin/doctor && "$home/.local/bin/doctor" --version >/dev/null; }

# --- in every shell ------------------------------------------------------------------------------------------------

for sh in "${shells[@]}"; do
  fresh && put --from "$(at plain)/good"
  want "$sh" "fresh, by curl from a server" installed
  want "$sh" "says that the folder is not on PATH, and the line for it" said 'export PATH="$HOME/.local/bin:$PATH"'
  put --from "$(at plain)/good"
  want "$sh" "again" eval 'installed && said "again: doctor"'
  printf '#!/bin/sh\n[ "$1" = --version ] && echo "doctor 0.0.1 (knowledge of 2020-01-01)"\n' >"$home/.local/bin/doctor"
  put --from "$(at plain)/good"
  want "$sh" "upgrades what is there, and says from what" eval 'installed && said "(before: doctor 0.0.1"'
  put --uninstall
  want "$sh" "uninstall leaves nothing" eval '[ "$code" = 0 ] && only'
  put --uninstall
  want "$sh" "uninstall again is no error" test "$code" = 0
  fresh && put --from "$work/served/good" && want "$sh" "from a folder" installed
  fresh && put --from "file://$work/served/good" && want "$sh" "from file://" installed
  fresh && put --from "file://$work/served/a%20folder%20%C3%BCn%C3%AFcode" && want "$sh" "from file:// with a space and ü in it" installed
  fresh && put --from "$(at plain)/a folder ünïcode" && want "$sh" "from an address with a space and ü in it" installed
  fresh && put --from "$work/served/good" --to "$home/mein \$Ordner 'ü'"
  want "$sh" "into a folder with a space, \$, quotes and ü" eval '[ "$code" = 0 ] && only "mein \$Ordner '"'ü'"'/doctor"'
  # What it says to paste does put that folder on PATH.
  sed -n 's/^    \(export PATH=.*\)/\1/p' "$work/said" >to-paste
  want "$sh" "what it says to paste finds it" test "$(PATH=$work/bin/curl /bin/bash -c '. "$1"; command -v doctor' - "$work/to-paste")" = "$home/mein \$Ordner 'ü'/doctor"
  fresh && with=wget && put --from "$(at plain)/good" && want "$sh" "only wget" installed
  if [ -d bin/busybox ]; then
    fresh && with=busybox && put --from "$(at plain)/good" && want "$sh" "only busybox and its wget" installed
    fresh && with=busybox && put --from "$(at cut)/good" && want "$sh" "busybox's wget, connection cut: nothing is left" nothing
  else leave "$sh" "only busybox and its wget" "there is no busybox"; fi
  case $sh in
    busybox*) leave "$sh" "neither curl nor wget; nothing to compute a sum with" "this shell has its own inside" ;;
    *)
      fresh && with=none && put --from "$(at plain)/good"
      want "$sh" "neither curl nor wget: says so" eval 'nothing && said "neither curl nor wget"'
      fresh && with=nosum && put --from "$(at plain)/good"
      want "$sh" "nothing to compute a sum with: refuses" eval 'nothing && said "no program here to check"'
      ;;
  esac
  fresh && with=none && put --from "$work/served/good" && want "$sh" "neither curl nor wget, but a folder" installed
  fresh && with=shasum && put --from "$(at plain)/good" && want "$sh" "sum by shasum" installed
  fresh && with=openssl && put --from "$(at plain)/good" && want "$sh" "sum by openssl" installed
  for where in "$(at plain)" "$work/served"; do
    fresh && put --from "$where/badsum" && want "$sh" "wrong sum: refuses (${where%%:*})" eval 'nothing && said "SHA-256 sum is wrong"'
    fresh && put --from "$where/nosum" && want "$sh" "no sums: refuses (${where%%:*})" eval 'nothing && said SHA256SUMS'
    fresh && put --from "$where/cut" && want "$sh" "truncated archive: refuses (${where%%:*})" eval 'nothing && said "SHA-256 sum is wrong"'
    fresh && put --from "$where/notours" && want "$sh" "nothing for this system: says so (${where%%:*})" eval 'nothing && said "no doctor for this system"'
    fresh && put --from "$where/wrong" && want "$sh" "a program that does not start: not installed (${where%%:*})" eval 'nothing && said "does not start on this system"'
  done
  fresh && put --from "$(at plain)/login" && want "$sh" "a login page in place of the sums: says so" eval 'nothing && said "log in first"'
  fresh && put --from "$(at cut)/good" && want "$sh" "connection cut: nothing is left" eval 'nothing && said "could not be fetched"'
  fresh && with=wget && put --from "$(at cut)/good" && want "$sh" "connection cut, wget: nothing is left" eval 'nothing && said "could not be fetched"'
  fresh && put --from http://127.0.0.1:9 && want "$sh" "nobody answers: says so" eval 'nothing && said "could not be fetched"'
  # A wrong archive does not harm what is installed.
  fresh && put --from "$work/served/good" && put --from "$work/served/wrong"
  want "$sh" "a failed upgrade leaves the old one" eval '[ "$code" = 2 ] && only .local/bin/doctor && "$home/.local/bin/doctor" --version >/dev/null'
  # Interrupted in the middle of the download, as Ctrl-C does it: the signal goes to the whole group.
  fresh
  read -ra words <<<"$sh"
  setsid env -i HOME="$home" TMPDIR="$home/tmp" PATH="$work/bin/curl" "$(command -v "${words[0]}")" "${words[@]:1}" "$here/install/install.sh" \
    --from "$(at hang)/good" >said 2>&1 &
  for _ in $(seq 100); do [ -s "$(echo "$home"/tmp/doctor-install.*/"$archive")" ] && break || sleep 0.1; done
  group=$!
  want "$sh" "(the download is under way)" test -s "$(echo "$home"/tmp/doctor-install.*/"$archive")"
  kill -TERM -- "-$group"
  wait "$group"
  code=$?
  want "$sh" "interrupted download leaves nothing" eval '[ "$code" = 143 ] && only && [ ! -e "$home/.local" ]'
  # zsh looks HOME up by itself, and would install into the real one.
  case $sh in
    zsh) leave "$sh" "no HOME: says so" "zsh finds it in the system's list of users" ;;
    *) fresh && homes=() && put --from "$work/served/good" && want "$sh" "no HOME: says so" eval '[ "$code" = 2 ] && said "HOME is not set"' ;;
  esac
  fresh && homes=() && put --from "$work/served/good" --to "$home/b" && want "$sh" "no HOME, but --to" eval '[ "$code" = 0 ] && only b/doctor'
  fresh && put --from "$work/served/good" --to /proc/doctor && want "$sh" "target that cannot be written: says so" eval 'nothing && said "could not be made"'
  fresh && mkdir "$home/there" && : >"$home/there/doctor" && put --from "$work/served/good" --to there
  want "$sh" "another program of that name is left alone" eval '[ "$code" = 2 ] && only there/doctor && [ ! -s "$home/there/doctor" ] && said "something else"'
  put --uninstall --to there && want "$sh" "nor removed" eval '[ "$code" = 2 ] && only there/doctor'
  fresh && put --from "$work/served/good" --to a:b && want "$sh" "a folder that cannot be on PATH: refuses" nothing
  fresh && env=(SUDO_USER=ada) && put --from "$work/served/good" && want "$sh" "under sudo: refuses" eval 'nothing && said "needs no sudo"'
  fresh && put --frm x && want "$sh" "an unknown option" eval 'nothing && said "I do not know --frm"'
  fresh && put --from && want "$sh" "an option without its value" nothing
  fresh && put && [ ! -e "$home/Cargo.toml" ] && want "$sh" "no address and no cargo: says what to do" eval 'nothing && said "--from ADDRESS"'
  # Cut off anywhere, as when it comes through a pipe that breaks, the script does nothing.
  fresh
  bad=''
  for share in 10 30 50 70 90 99; do
    head -c $(($(wc -c <"$here/install/install.sh") * share / 100)) "$here/install/install.sh" >part
    env -i HOME="$home" TMPDIR="$home/tmp" PATH="$work/bin/curl" DOCTOR_INSTALL_FROM="$work/served/good" "$(command -v "${words[0]}")" "${words[@]:1}" ./part >said 2>&1 </dev/null
    only || bad+=" $share%"
  done
  want "$sh" "the script cut off anywhere does nothing$bad" test -z "$bad"
  fresh && (cd "$home" && env -i HOME="$home" TMPDIR="$home/tmp" PATH="$work/bin/curl" DOCTOR_INSTALL_FROM="$(at plain)/good" "$(command -v "${words[0]}")" "${words[@]:1}" -s -- --to bin <"$here/install/install.sh") >said 2>&1
  code=$?
  want "$sh" "through a pipe, with the address in a variable" eval '[ "$code" = 0 ] && only bin/doctor'
  for name in http_proxy HTTP_PROXY ALL_PROXY; do
    for with_ in curl wget; do
      rm -f proxied && fresh && with=$with_ && env=("$name=$(at proxy)") && put --from "http://doctor.invalid/good"
      want "$sh" "$name is used by $with_" eval 'installed && [ "$(wc -l <proxied)" = 2 ]'
    done
  done
  rm -f proxied && fresh && env=(HTTP_PROXY=http://127.0.0.1:9 NO_PROXY=127.0.0.1) && put --from "$(at plain)/good"
  want "$sh" "NO_PROXY is heeded" installed
  fresh && env=(PATH="$work/bin/curl:$home/.local/bin/") && put --from "$work/served/good" && want "$sh" "already on PATH: says so" eval 'installed && said "is on your PATH"'
  fresh && put --from "$work/served/good" --run >/dev/null
  want "$sh" "--run examines this machine, with doctor's exit code" eval '{ [ "$code" = 0 ] || [ "$code" = 1 ]; } && grep -qE "^(Ready|Not ready)" said'
done

# --- PATH, per login shell -----------------------------------------------------------------------------------------

sh=dash
command -v dash >/dev/null || sh=bash
for login in bash:.bashrc zsh:.zshrc fish:.config/fish/config.fish dash:.profile; do
  name=${login%%:*} file=${login##*:}
  fresh && env=(SHELL="/usr/bin/$name") && put --from "$work/served/good"
  want "$name" "names ~/$file, and leaves it alone" eval 'installed && said "~/$file"'
  mkdir -p "$(dirname "$home/$file")" && printf '# mine, without an end of line' >"$home/$file"
  put --from "$work/served/good" --edit-path && put --from "$work/served/good" --edit-path && put --from "$work/served/good" --edit-path
  want "$name" "--edit-path three times: one entry, and a copy of the file" \
    eval '[ "$(grep -c "\.local/bin" "$home/$file")" = 1 ] && [ "$(cat "$home/$file.before-doctor")" = "# mine, without an end of line" ]'
  if command -v "$name" >/dev/null; then
    # As a new terminal starts it; dash reads .profile as a login shell.
    case $name in dash) ask=(dash -l -c) ;; *) ask=("$name" -i -c) ;; esac
    found=$(env -i HOME="$home" PATH=/usr/bin:/bin TERM=dumb "${ask[@]}" 'command -v doctor' 2>/dev/null </dev/null)
    want "$name" "a new $name then finds doctor" test "$found" = "$home/.local/bin/doctor"
  else leave "$name" "a new $name then finds doctor" "there is no $name"; fi
  put --uninstall && want "$name" "--uninstall leaves the start-up file, and says so" eval 'said "--uninstall --edit-path" && grep -q "\.local/bin" "$home/$file"'
  put --uninstall --edit-path
  want "$name" "--uninstall --edit-path takes it out again" eval '[ "$code" = 0 ] && [ "$(cat "$home/$file")" = "# mine, without an end of line" ]'
done
fresh && ln -s real-rc "$home/.bashrc" && echo '# in a dotfiles folder' >"$home/real-rc" && put --from "$work/served/good" --edit-path
want bash "a start-up file that is a link stays one" eval '[ -L "$home/.bashrc" ] && grep -q "\.local/bin" "$home/real-rc"'
mkdir -p "$work/uname" && printf '#!/bin/sh\ncase $1 in -s) echo Plan9;; *) echo x86_64;; esac\n' >"$work/uname/uname" && chmod +x "$work/uname/uname"
fresh && env=(PATH="$work/uname:$work/bin/curl") && put --from "$work/served/good" && want dash "an unknown system: says so" eval 'nothing && said Plan9'

# --- what root may not do, as somebody who is not root ---------------------------------------------------------------

if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
  fresh && mkdir "$home/ro" && chmod 755 "$work" "$home" "$home/ro" && chmod 1777 "$home/tmp" && chmod -R a+rX "$work/served" "$work/bin"
  cp "$here/install/install.sh" "$work/copy.sh"
  chmod 644 "$work/copy.sh"
  env -i HOME="$home" TMPDIR="$home/tmp" PATH="$work/bin/curl" "$(command -v setpriv)" --reuid 65534 --regid 65534 --clear-groups \
    "$(command -v dash)" "$work/copy.sh" --from "$work/served/good" --to "$home/ro" >said 2>&1
  code=$?
  want "not root" "a folder that is not mine: says so before anything is fetched" eval 'nothing && said "You may not write into"'
  mkdir "$home/noexec" && if mount -t tmpfs -o ro none "$home/noexec" 2>/dev/null; then
    put --from "$work/served/good" --to "$home/noexec"
    umount "$home/noexec"
    want root "a read-only file system: says so" eval 'nothing && said "You may not write into"'
  else leave root "a read-only file system" "mounting is not allowed here"; fi
  mkdir "$home/full" && if mount -t tmpfs -o size=1m none "$home/full" 2>/dev/null; then
    put --from "$work/served/good" --to "$home/full"
    left=$(ls -A "$home/full")
    umount "$home/full"
    want root "a full disk: says so, and nothing is left" eval 'nothing && said "could not be written" && [ -z "$left" ]'
  else leave root "a full disk" "mounting is not allowed here"; fi
else leave "not root" "a read-only folder, file system and full disk" "only root can set them up"; fi

# --- a system with nothing but busybox -----------------------------------------------------------------------------

if [ "$(id -u)" = 0 ] && command -v busybox >/dev/null && busybox true; then
  bare=$work/bare
  mkdir -p "$bare"/{bin,tmp,root,etc,proc,dev,served}
  cp "$(command -v busybox)" "$bare/bin/busybox"
  for one in $(busybox --list); do [ "$one" = busybox ] || ln -sf busybox "$bare/bin/$one"; done
  : >"$bare/dev/null"
  # A dynamic program needs its loader and libraries; a static one nothing.
  ldd "$doctor" 2>/dev/null | grep -o '/[^ ]*' | while read -r lib; do mkdir -p "$bare$(dirname "$lib")" && cp -L "$lib" "$bare$lib"; done
  cp "$here/install/install.sh" "$bare/install.sh"
  cp "$work"/served/good/{SHA256SUMS,*.tar.gz} "$bare/served/"
  start=$(date +%s%N)
  chroot "$bare" /bin/busybox env -i HOME=/root PATH=/bin /bin/sh /install.sh --from "$(at plain)/good" --run >said 2>&1 </dev/null
  code=$?
  took=$((($(date +%s%N) - start) / 1000000))
  want "bare busybox" "in a chroot with nothing else, by its wget: from one line to the first verdict in $took ms" \
    eval '[ "$code" -lt 2 ] && [ -x "$bare/root/.local/bin/doctor" ] && grep -qE "^(Ready|Not ready)" said && said "~/.local/bin is not on your PATH" && [ -z "$(ls -A "$bare/tmp")" ]'
  chroot "$bare" /bin/busybox env -i HOME=/root PATH=/bin /bin/sh /install.sh --uninstall >said 2>&1
  code=$?
  want "bare busybox" "uninstall" eval '[ "$code" = 0 ] && [ ! -e "$bare/root/.local/bin/doctor" ]'
else leave "bare busybox" "in a chroot" "needs root and busybox-static"; fi

# --- a bare Debian: neither curl nor wget, and the package installed by its own dpkg with what it depends on ---------

if [ "$(id -u)" = 0 ] && command -v debootstrap >/dev/null && [ -r /etc/os-release ]; then
  debian=$work/debian
  # shellcheck disable=SC1091
  codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
  mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 2>/dev/null | grep -v security | head -1)
  if debootstrap --variant=minbase "$codename" "$debian" "$mirror" >debootstrap.log 2>&1; then
    inside() { chroot "$debian" /usr/bin/env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@" >said 2>&1 </dev/null; }
    cp "$here/install/install.sh" "$debian/root/install.sh"
    cp -r served/good "$debian/srv/good"
    inside sh /root/install.sh --from "$(at plain)/good"
    code=$?
    want "bare Debian" "no curl, no wget: says so and leaves nothing" eval '[ "$code" = 2 ] && said "neither curl nor wget" && [ ! -e "$debian/root/.local" ]'
    inside sh /root/install.sh --from /srv/good --run
    code=$?
    want "bare Debian" "from a folder, to the first verdict" eval '[ "$code" -lt 2 ] && grep -qE "^(Ready|Not ready)" said && [ -z "$(ls -A "$debian/tmp")" ]'
    inside sh /root/install.sh --uninstall
    inside sh -c 'dpkg -i /srv/good/*.deb && doctor --version'
    code=$?
    want "bare Debian" "the package: its dependencies hold, and it runs" test "$code" = 0
    inside sh -c 'dpkg --purge doctor && ! command -v doctor && ! find /usr /etc -name "*doctor*" | grep .'
    code=$?
    want "bare Debian" "the package purged leaves nothing" test "$code" = 0
  else leave "bare Debian" "in a chroot" "debootstrap: $(tail -n 1 debootstrap.log)"; fi
else leave "bare Debian" "in a chroot" "needs root and debootstrap"; fi

# --- what a release consists of ------------------------------------------------------------------------------------

release again pack "$target" "$doctor" && release again deb "$target" "$doctor" && release again finish --from http://127.0.0.1/x
want release "the same twice: same bytes" diff -r served/good served/again
want release "sums are right" eval '(cd served/good && sha256sum -c --quiet SHA256SUMS)'
tar -tzf "served/good/$archive" >said
want release "archive holds program, licences, completions and SBOM" \
  eval '(for one in doctor LICENSE-MIT LICENSE-APACHE THIRD-PARTY.txt doctor.cdx.json completions/doctor.bash completions/_doctor completions/doctor.fish; do grep -qx "${archive%.tar.gz}/$one" said || exit 1; done)'
want release "archive holds a manual page of every command" eval '(for one in doctor doctor-fix doctor-cohort; do grep -qx "${archive%.tar.gz}/man/$one.1" said || exit 1; done)'
mkdir one && tar -C one -xzf "served/good/$archive"
want release "the SBOM names every crate of the program, and no crate that is only for tests" \
  python3 -c 'import json,re,sys
have={(c["name"],c["version"]) for c in json.load(open(sys.argv[1]))["components"]}
lock={tuple(re.findall(r"(?m)^(?:name|version) = \"(.*)\"",b)) for b in open(sys.argv[2]).read().split("[[package]]")[1:]}
names={n for n,_ in have}
assert have<=lock and len(have)>30 and {"clap","serde"}<=names and not {"tempfile","jsonschema","roxmltree"}&names' \
  one/*/doctor.cdx.json "$here/Cargo.lock"
program=one/${archive%.tar.gz}/doctor
want release "the published script knows its address" grep -qF "http://127.0.0.1/x" served/good/install.sh
want release "and the PowerShell one" grep -qF "DefaultAddress = 'http://127.0.0.1/x'" served/good/install.ps1
if command -v dpkg >/dev/null && command -v dpkg-deb >/dev/null && [ "$(id -u)" = 0 ]; then
  # Into a root of its own, by dpkg itself with a database of its own; libc6 is not in that database.
  mkdir -p deb/var/lib/dpkg/{info,updates,triggers} && : >deb/var/lib/dpkg/status
  dpkg --root="$work/deb" --log=/dev/null --force-depends -i served/good/*.deb >said 2>&1
  code=$?
  want deb "dpkg --root installs it, and it runs" eval '[ "$code" = 0 ] && deb/usr/bin/doctor --version >/dev/null && [ -s deb/usr/share/doc/doctor/copyright ]'
  dpkg --root="$work/deb" --log=/dev/null --purge doctor >said 2>&1
  code=$?
  want deb "dpkg --purge leaves nothing" eval '[ "$code" = 0 ] && [ -z "$(find deb -path deb/var -prune -o ! -type d -print)" ]'
else leave deb "install and remove" "needs root and dpkg"; fi
if command -v shellcheck >/dev/null; then
  code=0
  shellcheck "$here"/install/*.sh >said && shellcheck -s dash "$here/install/install.sh" >>said
  code=$?
  want shellcheck "install.sh and release.sh" test $code = 0
else leave shellcheck "install.sh and release.sh" "it is not here"; fi
if [ "${BUILD:-}" = 1 ] && command -v cargo >/dev/null; then
  fresh && sh=dash && env=(PATH="$PATH" HOME="$home" CARGO_HOME="${CARGO_HOME:-$HOME/.cargo}" RUSTUP_HOME="${RUSTUP_HOME:-$HOME/.rustup}") && put --build
  want build "--build: cargo builds it from the checkout" installed
else leave build "--build: from the checkout" "BUILD=1 asks for it"; fi
leave powershell "install.ps1" "there is no PowerShell among the packages that can be had here"

printf '%s\n' "${rows[@]}"
printf '%s passed, %s failed, %s skipped\n' $passed $failed $skipped
[ $failed = 0 ]
