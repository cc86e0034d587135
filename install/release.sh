#!/usr/bin/env bash
# Makes what a release consists of, from a clean checkout, into dist/ (or DIST). The same commit and compiler give the
# same bytes: times are the commit's, names sorted, owners root, paths of this machine taken out of the program.
#
#   release.sh build [--from ADDRESS] TARGET…  all of it: programs, archives, Debian packages, sums, formula, install scripts
#   release.sh compile TARGET                  only the program; prints where it lies
#   release.sh pack TARGET PROGRAM             an archive of a program that is there already
#   release.sh deb TARGET PROGRAM              a Debian package of it
#   release.sh finish [--from ADDRESS]         SHA256SUMS, doctor.rb and the install scripts, for what lies in dist/
#
# TARGET is a target of rustc; CARGO is the command that builds for it [cargo]: "cargo zigbuild" or "cross" do as well.
# HOST_DOCTOR is a doctor that runs here, to print completions with, where PROGRAM does not.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
DIST=${DIST:-$root/dist}
PYTHON=${PYTHON:-$(command -v python3 || command -v python)}

stop() {
  printf 'release.sh: %s\n' "$*" >&2
  exit 2
}
left_out() { printf '  left out: %s\n' "$*" >&2; }

version() { sed -n 's/^version = "\(.*\)"$/\1/p' "$root/Cargo.toml" | head -n 1; }

clean_checkout() {
  [ -z "$(git -C "$root" status --porcelain)" ] ||
    [ "${ALLOW_DIRTY:-}" = 1 ] || stop "the checkout has changes that are not committed (ALLOW_DIRTY=1 takes them)"
}

# A path as the compiler writes it: a Windows shell has two forms.
native() { if command -v cygpath >/dev/null; then cygpath -w "$1"; else printf '%s' "$1"; fi; }

# compile TARGET: prints the path of the program.
compile() {
  local target=$1 name=doctor folder place flags encoded
  case $target in *windows*) name=doctor.exe ;; esac
  folder=$(cd "$root" && cargo metadata --no-deps --format-version 1 | "$PYTHON" -c 'import json,sys; print(json.load(sys.stdin)["target_directory"])')
  # Where this machine keeps its sources is nobody's business, and would make two builds differ.
  flags=()
  for place in "$root=doctor" "$folder=target" "${CARGO_HOME:-$HOME/.cargo}=cargo"; do
    flags+=("--remap-path-prefix=$(native "${place%=*}")=${place##*=}")
  done
  case $target in
    *windows-msvc) flags+=(-Ctarget-feature=+crt-static -Clink-arg=/Brepro) ;;
    *musl) flags+=(-Ctarget-feature=+crt-static) ;;
  esac
  # Nothing is unwound (Cargo.toml), so only Windows, whose system wants the tables, gets them.
  case $target in *windows*) ;; *) flags+=(-Cforce-unwind-tables=no) ;; esac
  # Words that may contain spaces are parted by the character that cargo reads there.
  encoded=$(printf '\037%s' "${flags[@]}")
  for place in ${RUSTFLAGS:-}; do encoded+=$(printf '\037%s' "$place"); done
  (cd "$root" && DOCTOR_COMMIT=$(git rev-parse --short=12 HEAD) CARGO_ENCODED_RUSTFLAGS=${encoded#?} \
    ${CARGO:-cargo} build --release --locked --target "$target" >&2) || stop "$target does not build"
  printf '%s\n' "$folder/$target/release/$name"
}

# A doctor that runs here: the program itself, or the one named.
speaking() {
  local one
  for one in "$1" "${HOST_DOCTOR:-}"; do
    if [ -n "$one" ] && "$one" --version >/dev/null 2>&1; then realpath "$one" && return; fi
  done
  return 1
}

# lay TARGET PROGRAM FOLDER: everything that an archive contains.
lay() {
  local target=$1 program=$2 into=$3 doctor shell
  mkdir -p "$into/completions"
  case $target in *windows*) cp "$program" "$into/doctor.exe" ;; *) cp "$program" "$into/doctor" ;; esac
  cp "$root"/LICENSE-MIT "$root"/LICENSE-APACHE "$root"/README.md "$root"/CHANGELOG.md "$into/"
  "$PYTHON" "$root/install/sbom.py" "$target" bom "$into/doctor.cdx.json"
  "$PYTHON" "$root/install/sbom.py" "$target" licences "$into/THIRD-PARTY.txt"
  if doctor=$(speaking "$program"); then
    for shell in bash:doctor.bash zsh:_doctor fish:doctor.fish powershell:_doctor.ps1; do
      "$doctor" completions "${shell%%:*}" >"$into/completions/${shell##*:}"
    done
  else
    rmdir "$into/completions"
    left_out "completions of $target: its program does not run here, and HOST_DOCTOR names none that does"
  fi
  # A program of its own writes them, which needs cargo; where somebody else made them, MAN is the folder that has them.
  mkdir "$into/man"
  if [ -n "${MAN:-}" ]; then cp "$MAN"/doctor*.1 "$into/man/"; else
    (cd "$root" && env -u RUSTFLAGS cargo run --quiet --locked --example man -- "$into/man" >&2) ||
      { rmdir "$into/man" 2>/dev/null; left_out "the manual pages of $target: cargo does not make them here"; }
  fi
}

pack() {
  local target=$1 program=$2 work name
  [ -f "$program" ] || stop "there is no program $program"
  name=doctor-$(version)-$target
  work=$(mktemp -d)
  lay "$target" "$program" "$work/$name"
  mkdir -p "$DIST"
  case $target in *windows*) name+=.zip ;; *) name+=.tar.gz ;; esac
  "$PYTHON" "$root/install/pack.py" "$work/${name%%.@(zip|tar.gz)}" "$DIST/$name"
  rm -rf "$work"
  printf '%s\n' "$DIST/$name"
}

# The newest symbols of glibc that the program asks for; nothing for a static one.
needs_glibc() { LC_ALL=C grep -ao 'GLIBC_2\.[0-9]*' "$1" | sed 's/GLIBC_//' | sort -uV | tail -n 1; }

deb() {
  local target=$1 program=$2 work into at glibc file
  command -v dpkg-deb >/dev/null || { left_out "the Debian package: there is no dpkg-deb here"; return; }
  case $target in
    x86_64-unknown-linux-*) at=amd64 ;;
    aarch64-unknown-linux-*) at=arm64 ;;
    *) return ;;
  esac
  work=$(mktemp -d) into=$work/root
  lay "$target" "$program" "$work/all"
  mkdir -p "$into/DEBIAN"
  install -Dm755 "$program" "$into/usr/bin/doctor"
  put() { if [ -f "$work/all/$1" ]; then install -Dm644 "$work/all/$1" "$into/usr/share/$2"; fi; }
  put completions/doctor.bash bash-completion/completions/doctor
  put completions/_doctor zsh/vendor-completions/_doctor
  put completions/doctor.fish fish/vendor_completions.d/doctor.fish
  for file in "$work"/all/man/*.1; do put "man/${file##*/}" "man/man1/${file##*/}"; done
  put CHANGELOG.md doc/doctor/changelog
  put doctor.cdx.json doc/doctor/doctor.cdx.json
  for file in "$into"/usr/share/man/man1/*.1 "$into/usr/share/doc/doctor/changelog"; do [ ! -f "$file" ] || gzip -9n "$file"; done
  {
    printf 'doctor is under the MIT licence or the Apache licence 2.0, as you like.\n\n'
    cat "$root/LICENSE-MIT"
    printf '\nOn Debian systems the Apache licence is in /usr/share/common-licenses/Apache-2.0.\n\n'
    cat "$work/all/THIRD-PARTY.txt"
  } >"$into/usr/share/doc/doctor/copyright"
  glibc=$(needs_glibc "$program") || glibc=
  {
    printf 'Package: doctor\nVersion: %s-1\nArchitecture: %s\nSection: devel\nPriority: optional\n' "$(version)" "$at"
    printf 'Maintainer: %s\n' "${DOCTOR_MAINTAINER:-The developers of doctor}"
    if [ -n "$glibc" ]; then printf 'Depends: libc6 (>= %s), libgcc-s1\n' "$glibc"; fi
    printf 'Installed-Size: %s\n' "$(find "$into" -type f -printf '%s\n' | awk '{ n += int(($1 + 1023) / 1024) } END { print n }')"
    printf 'Description: %s\n' "$(sed -n 's/^description = "\(.*\)"$/\1/p' "$root/Cargo.toml")"
    printf ' For every tool that a course installs, doctor says what was found, why it matters,\n and the command that mends it on this machine. It changes nothing.\n'
  } >"$into/DEBIAN/control"
  chmod -R u=rwX,go=rX "$into"
  mkdir -p "$DIST"
  dpkg-deb --root-owner-group -Zxz --build "$into" "$DIST/doctor_$(version)-1_$at.deb" >/dev/null
  rm -rf "$work"
  printf '%s\n' "$DIST/doctor_$(version)-1_$at.deb"
}

# formula: the Homebrew formula with the sums that are known.
formula() { # ADDRESS
  local text target sum name
  text=$(cat "$root/install/doctor.rb.in")
  text=${text//@VERSION@/$(version)}
  text=${text//@ADDRESS@/$1}
  for target in aarch64-apple-darwin x86_64-apple-darwin aarch64-unknown-linux-musl x86_64-unknown-linux-musl; do
    name=doctor-$(version)-$target.tar.gz
    sum=$(awk -v name="$name" '$2 == name { print $1 }' "$DIST/SHA256SUMS")
    [ -n "$sum" ] || { left_out "the Homebrew formula: there is no $name" && return; }
    text=${text//@SHA256_$target@/$sum}
  done
  printf '%s\n' "$text" >"$DIST/doctor.rb"
}

finish() {
  local from='' file
  if [ "${1:-}" = --from ]; then from=${2:?} && shift 2; fi
  (
    cd "$DIST"
    shopt -s nullglob
    "$PYTHON" - doctor-*.tar.gz doctor-*.zip doctor_*.deb >SHA256SUMS <<'PY'
import hashlib, pathlib, sys
for name in sorted(sys.argv[1:]):
    print(f"{hashlib.sha256(pathlib.Path(name).read_bytes()).hexdigest()}  {name}")
PY
    [ -s SHA256SUMS ] || stop "there is nothing in $DIST to sum up"
  )
  case $from in
    '') left_out "the Homebrew formula and an address in the install scripts: no --from" ;;
    *[!A-Za-z0-9:/._~%-]*) stop "the address $from has characters that an address has not" ;;
    *) formula "$from" ;;
  esac
  sed "s|^default_address() .*|default_address() { printf '%s' '$from'; }|" "$root/install/install.sh" >"$DIST/install.sh"
  sed "s|^\(\$DefaultAddress = \)''|\1'$from'|" "$root/install/install.ps1" >"$DIST/install.ps1"
  if [ -n "$from" ]; then
    for file in install.sh install.ps1; do grep -qF "'$from'" "$DIST/$file" || stop "the address did not get into $file"; done
  fi
}

build() {
  local from=() target program
  if [ "${1:-}" = --from ]; then from=(--from "${2:?}") && shift 2; fi
  [ $# -gt 0 ] || stop "which targets?"
  clean_checkout
  rm -rf "$DIST"
  for target in "$@"; do
    program=$(compile "$target")
    pack "$target" "$program"
    # One package a processor: the static program where there is one, because it runs on every Debian.
    case $target in
      *-linux-gnu) case " $* " in *" ${target%gnu}musl "*) continue ;; esac ;;
    esac
    deb "$target" "$program"
  done
  finish "${from[@]+"${from[@]}"}"
  cat "$DIST/SHA256SUMS"
}

shopt -s extglob
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git -C "$root" log -1 --format=%ct)}
export SOURCE_DATE_EPOCH
case ${1:-} in
  build | compile | finish) "$@" ;;
  pack | deb) [ $# = 3 ] || stop "$1 TARGET PROGRAM" && "$@" ;;
  *) sed -n '2,/^set /s/^# \{0,1\}//p' "$0" >&2 && exit 2 ;;
esac
