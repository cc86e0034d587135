#!/usr/bin/env bash
# One table: for which targets doctor compiles, links and passes its tests, how large it is, and how long it takes to start
# beside a C program for the same target that does nothing. What cannot be done here is said in the table.
#
#   CROSS=DIR targets.sh [TARGET…]     [windows musl macos-arm static arm64-musl arm64 macos-x64 windows-msvc]
#
# DIR holds the cross tools: setup.sh GOAL, which makes a toolchain for a target where it is missing; env.sh, which puts
# them on PATH; machocheck.py, which looks into a program for macOS. The programs are those of a release: they are made
# by install/release.sh. LIMIT is the number of seconds after which no further target is begun [2400]; TESTS=no leaves
# the tests out; TWICE="TARGET…" builds those again from a copy of the checkout elsewhere, and compares the bytes [musl].
set -uo pipefail
here=$(cd "$(dirname "$0")/../.." && pwd)
cross=$(realpath "${CROSS:?names the folder of the cross tools}")
limit=${LIMIT:-2400}
TWICE=${TWICE-musl}
goals=("$@")
[ $# -gt 0 ] || goals=(windows musl macos-arm static arm64-musl arm64 macos-x64 windows-msvc)
export CARGO_TERM_COLOR=never CARGO_INCREMENTAL=0
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$here/target/x}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
cd "$here" || exit 2

# Goals of 2.5 million bytes, and for musl of half as long again as /bin/true.
most_bytes=2500000 most_times=1.5
bad=0 rows=()

triple() {
  case $1 in
    windows) echo x86_64-pc-windows-gnu ;;
    windows-msvc) echo x86_64-pc-windows-msvc ;;
    macos-arm) echo aarch64-apple-darwin ;;
    macos-x64) echo x86_64-apple-darwin ;;
    musl) echo x86_64-unknown-linux-musl ;;
    static) echo x86_64-unknown-linux-gnu ;;
    arm64) echo aarch64-unknown-linux-gnu ;;
    arm64-musl) echo aarch64-unknown-linux-musl ;;
    *) echo "targets.sh: unknown target $1" >&2 && exit 2 ;;
  esac
}

# said FILE: why something failed, short.
said() { grep -aE '^(error|warning: unused|test result: F|.*panicked)|cannot find' "$1" | head -n 3 | cut -c 1-150; }
fail() { # WHAT FILE
  printf 'FAILED: %s\n' "$1"
  tail -n 25 "$2" | sed 's/^/    /'
  bad=1
}

# runs GOAL: whether a program for it can be started here.
runs() { case $1 in macos-* | windows-msvc) return 1 ;; esac; }

# runner GOAL: by what it is started, where it is by something. Whatever stands here is a part of both sides' times.
runner() {
  case $1 in
    windows) echo "$cross/wine-run.sh" ;;
    arm64) echo "qemu-aarch64 -L /usr/aarch64-linux-gnu" ;;
    arm64-musl) echo qemu-aarch64 ;;
  esac
}

# nothing GOAL FILE: a static program that does nothing. A compiler for musl on arm64 is not among Debian's packages;
# its program is compared with one of glibc.
nothing() {
  echo 'int main(void) { return 0; }' >"$work/nothing.c"
  case $1 in
    windows) x86_64-w64-mingw32-gcc -O2 -s -o "$2" "$work/nothing.c" ;;
    arm64 | arm64-musl) aarch64-linux-gnu-gcc -O2 -s -static -o "$2" "$work/nothing.c" ;;
    musl) musl-gcc -O2 -s -static -o "$2" "$work/nothing.c" ;;
    static) gcc -O2 -s -static -o "$2" "$work/nothing.c" ;;
  esac
}

# paired COUNT A… -- B…: starts both in turn; the medians, and the median of the ratios of neighbours.
paired() {
  python3 - "$@" <<'PY'
import os, statistics, sys, time
count, words = int(sys.argv[1]), sys.argv[2:]
cut = words.index("--")
null = os.open(os.devnull, os.O_RDWR)
def once(argv):
    start = time.perf_counter()
    pid = os.posix_spawnp(argv[0], argv, os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, null, fd) for fd in (0, 1, 2)])
    _, status = os.waitpid(pid, 0)
    if status: sys.exit(f"{argv} ended with {os.waitstatus_to_exitcode(status)}")
    return (time.perf_counter() - start) * 1000
pairs = [(once(words[:cut]), once(words[cut + 1:])) for _ in range(count)]
a, b = (statistics.median(side) for side in zip(*pairs))
print(f"{a:.2f} ms, {statistics.median(x / y for x, y in pairs):.2f} x {b:.2f} ms")
PY
}

# release GOAL ROOT TARGET-DIR: the program as a release has it; prints its path.
release() {
  local flags='' cargo=cargo
  case $1 in
    macos-*) cargo="cargo-zigbuild zigbuild" ;;
    arm64-musl) cargo="cargo-zigbuild zigbuild" flags=-Clink-self-contained=no ;;
    static) flags=-Ctarget-feature=+crt-static ;;
  esac
  # release.sh puts `build` behind the command, so what has a name of its own for that needs a shim; it asks $CARGO for
  # the packages, which must then be cargo itself.
  if [ "$cargo" != cargo ]; then
    printf '#!/bin/sh\nshift\nCARGO=cargo exec %s "$@"\n' "$cargo" >"$work/zig" && chmod +x "$work/zig" && cargo=$work/zig
  fi
  CARGO=$cargo RUSTFLAGS=$flags CARGO_TARGET_DIR=$3 bash "$2/install/release.sh" compile "$(triple "$1")"
}

# tests GOAL: what is run of them there; the whole suite is run for this machine by `cargo test`.
tests() {
  case $1 in
    windows) echo "--lib --test cases --test laws --test windows" ;;
    arm64 | arm64-musl) echo "--lib --test cases" ;;
    *) echo "--lib --test cases --test process --test machine" ;;
  esac
}

# test GOAL: runs them; prints how many passed.
run_tests() {
  local words log=$work/$1.tests sum
  read -ra words <<<"$(tests "$1")"
  # Examples that are named beside tests are taken for tests themselves.
  { [ "$1" != windows ] || bash "$cross/x.sh" build "$1" --quiet --example stand_in; } >"$log" 2>&1 &&
    bash "$cross/x.sh" test "$1" --quiet "${words[@]}" >>"$log" 2>&1
  local code=$?
  sum=$(awk '/^test result:/ { passed += $4; failed += $6 } END { printf "%d passed, %d failed", passed, failed }' "$log")
  [ $code = 0 ] || { fail "tests for $1: $(said "$log")" "$log" >&2; echo "$sum (exit $code)"; return 1; }
  echo "$sum"
}

one() {
  local goal=$1 target program compiled=no linked='-' tests='-' size='-' start='-' words
  target=$(triple "$goal") || exit 2
  if [ $SECONDS -gt "$limit" ]; then
    rows+=("$target|left out: no time left|||")
    return
  fi
  case $goal in arm64-musl | arm64 | macos-* | windows* | musl)
    if ! bash "$cross/setup.sh" "$goal" >"$work/$goal.setup" 2>&1; then
      rows+=("$target|left out: its tools could not be set up||||")
      tail -n 3 "$work/$goal.setup"
      return
    fi ;;
  esac
  # shellcheck disable=SC1091
  . "$cross/env.sh"
  if [ "$goal" = windows-msvc ]; then
    # Nothing but types and lints: there is no linker of Microsoft's here, and no library of theirs.
    if bash "$cross/x.sh" clippy "$goal" --quiet --lib --bins --tests -- -D warnings >"$work/log" 2>&1; then compiled='yes, clippy too'; else
      fail "clippy for $target" "$work/log"
    fi
    rows+=("$target|$compiled|not here: no linker of Microsoft's|-|-|-")
    return
  fi
  if program=$(release "$goal" "$here" "$CARGO_TARGET_DIR" 2>"$work/log") && [ -f "$program" ]; then
    compiled=yes linked=yes
    size=$(stat -c %s "$program")
    [ "$size" -le $most_bytes ] || size+=" (goal $most_bytes)" bad=1
  else
    if ! grep -q 'linking with' "$work/log"; then fail "compiling for $target" "$work/log"; else
      compiled=yes linked=no
      fail "linking for $target" "$work/log"
    fi
    rows+=("$target|$compiled|$linked|-|-|-")
    return
  fi
  case $goal in
    macos-*)
      tests='cannot run here' start='cannot run here'
      if python3 "$cross/machocheck.py" "$program" >"$work/log" 2>&1; then linked="yes, static check: $(sed 's/.*\(macOS>=[0-9.]*\).*/\1/' "$work/log")"; else
        linked='static check failed'
        fail "static check of $target" "$work/log"
      fi
      ;;
    static | musl)
      # In a root with nothing in it but the program.
      if [ "$(id -u)" = 0 ] && mkdir -p "$work/root-$goal" && cp "$program" "$work/root-$goal/doctor"; then
        if chroot "$work/root-$goal" /doctor --version >"$work/log" 2>&1; then linked='yes, runs FROM scratch'; else
          linked='does not run alone'
          fail "$target alone in a root" "$work/log"
        fi
      fi
      ;;
  esac
  if runs "$goal"; then
    words=()
    read -ra words <<<"$(runner "$goal")"
    local count=300
    case $goal in windows) count=15 ;; arm64*) count=60 ;; esac
    if nothing "$goal" "$work/nothing.exe" 2>"$work/log" && start=$(paired $count "${words[@]+"${words[@]}"}" "$program" --version -- "${words[@]+"${words[@]}"}" "$work/nothing.exe" 2>"$work/log"); then
      # Beside this machine's own program that does nothing, too, which is linked to its libraries.
      local beside=''
      case $goal in static | musl)
        beside=$(paired $count "$program" --version -- /bin/true 2>"$work/log") && beside=${beside#*, }
        start+="; $beside of /bin/true"
        ;;
      esac
      if [ "$goal" = musl ] && ! awk -v got="$beside" -v most=$most_times 'BEGIN { exit !(got != "" && got + 0 <= most) }'; then
        start+=" (goal $most_times)" bad=1
      fi
    else
      start='not measured' && fail "start-up of $target" "$work/log"
    fi
    if [ "${TESTS:-}" = no ]; then tests='left out: TESTS=no'; else tests=$(run_tests "$goal") || bad=1; fi
  fi
  case " $TWICE " in *" $goal "*) twice "$goal" "$program" ;; esac
  rows+=("$target|$compiled|$linked|$tests|$size|$start")
}

# twice GOAL PROGRAM: the same commit in another folder, built anew, gives the same bytes.
twice() {
  local copy=$work/elsewhere/a-copy again
  if [ -n "$(git status --porcelain)" ]; then
    printf '%s: not built twice: the checkout has changes that are not committed\n' "$(triple "$1")"
    return
  fi
  git clone --quiet --no-local "$here" "$copy" 2>"$work/log" &&
    again=$(release "$1" "$copy" "$work/elsewhere/target" 2>"$work/log")
  if [ -f "$again" ] && cmp -s "$2" "$again"; then
    printf '%s: built twice, from two folders: the same bytes, SHA-256 %s\n' "$(triple "$1")" "$(sha256sum <"$2" | cut -d ' ' -f 1)"
  else
    fail "$(triple "$1") built twice differs" "$work/log"
  fi
  rm -rf "$work/elsewhere"
}

for goal in "${goals[@]}"; do one "$goal"; done
{
  echo 'target|compiled|linked|tests run|bytes|start-up, x a program that does nothing'
  printf '%s\n' "${rows[@]}"
} | column -t -s '|' -o '  '
exit $bad
