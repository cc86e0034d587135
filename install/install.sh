#!/bin/sh
# Puts the program `doctor` into a folder of yours. It needs no root, asks nothing and changes nothing else.
#
#   sh install.sh --from https://example.org/doctor      or  --from FOLDER,  --from file:///FOLDER
#   sh install.sh --help
#
# At that address lie the archives that install/release.sh makes and SHA256SUMS, which names them. An archive whose
# SHA-256 sum is not the one in SHA256SUMS is refused. Both come from one place: the sum finds a broken or altered
# download, it is no signature; use an https:// address.
#
# Everything is inside functions and the last line calls them, so that a script that was cut off does nothing.
# Exit codes: 0 done; 2 it could not be done and nothing was changed. With --run, doctor's own exit code.
#
# `stop` never returns, so `A && B || stop` is meant; some texts hold $ and ~ for others to expand.
# shellcheck disable=SC2015,SC2016,SC2088

# Filled in by install/release.sh in the copy that is published.
default_address() { printf '%s' ''; }

usage() {
  cat <<'END'
Usage: sh install.sh [OPTIONS]

  --from ADDRESS  Where the archives and SHA256SUMS are: https://…, file:///… or a folder
                  (or set DOCTOR_INSTALL_FROM)
  --to DIR        The folder to install into [default: ~/.local/bin]
  --release X     Which version, where the address has several
  --build         Build from this checkout with cargo, instead of fetching
  --edit-path     Also put the folder on PATH in your shell's start-up file (a copy of the file is kept);
                  with --uninstall, take it off again
  --run           Afterwards run doctor
  --uninstall     Remove doctor from the folder
  --help          Print this

Proxies are taken from http_proxy, https_proxy, all_proxy and no_proxy, in small or capital letters.
END
}

# say LINE…
say() { printf '%s\n' "$@"; }

# stop TEXT…: the first is what went wrong, the others say what to do.
stop() {
  printf 'install.sh: %s\n' "$1" >&2
  shift
  for words in "$@"; do printf '  %s\n' "$words" >&2; done
  exit 2
}

have() { command -v "$1" >/dev/null 2>&1; }

# Whatever was begun and not finished goes, and folders that were made for it.
clean_up() {
  [ -z "$work" ] || rm -rf "$work"
  [ -z "$new" ] || rm -f "$new"
  if [ -n "$made" ]; then
    dir=$to
    while rmdir "$dir" 2>/dev/null && [ "$dir" != "$made" ]; do dir=${dir%/*}; done
  fi
  work='' new='' made=''
}

# The words of one command line in any shell.
quoted() {
  case $1 in
    '' | *[!A-Za-z0-9_./:=@%+,-]*) printf "'%s'" "$(printf '%s' "$1" | sed "s/'/'\\\\''/g")" ;;
    *) printf '%s' "$1" ;;
  esac
}

# A path as people write it.
short() {
  case $1 in
    "${HOME:-/nowhere}"/*) printf '~%s' "${1#"$HOME"}" ;;
    *) printf '%s' "$1" ;;
  esac
}

# --- which archive -------------------------------------------------------------------------------------------------

# Sets `targets`: what runs here, the best first. A static program runs whatever the C library is.
find_targets() {
  system=$(uname -s) cpu=$(uname -m)
  case $cpu in
    x86_64 | amd64) cpu=x86_64 ;;
    aarch64 | arm64) cpu=aarch64 ;;
    *) stop "There is no doctor for this processor ($cpu)." "It runs on x86_64 and arm64." ;;
  esac
  case $system in
    Linux)
      # A 64-bit kernel may carry a system of 32-bit programs.
      if have getconf && [ "$(getconf LONG_BIT 2>/dev/null)" = 32 ]; then
        stop "There is no doctor for this system: its programs are 32-bit." "It runs on 64-bit x86_64 and arm64."
      fi
      targets="$cpu-unknown-linux-musl"
      for loader in /lib64/ld-linux-x86-64.so.2 /lib/ld-linux-aarch64.so.1; do
        if [ -e "$loader" ]; then targets="$targets $cpu-unknown-linux-gnu"; fi
      done
      ;;
    Darwin)
      # A shell that Rosetta translates is told x86_64 on an Apple processor.
      if [ "$(sysctl -n hw.optional.arm64 2>/dev/null)" = 1 ]; then cpu=aarch64; fi
      targets="$cpu-apple-darwin"
      ;;
    MINGW* | MSYS* | CYGWIN*)
      stop "This is Windows: use install.ps1." "In PowerShell: powershell -ExecutionPolicy Bypass -File install.ps1"
      ;;
    *) stop "There is no doctor for this system ($system)." "It runs on Linux, macOS and Windows." ;;
  esac
}

# Sets `sum` and `archive` to the line of SHA256SUMS for the first of the targets that it has.
find_archive() {
  sum='' archive=''
  for target in $targets; do
    while read -r first second || [ -n "$first" ]; do
      second=${second#\*}
      second=${second%"$cr"}
      case $second in
        */*) continue ;;
        "doctor-$release-$target.tar.gz") ;;
        "doctor-"*"-$target.tar.gz") [ -z "$release" ] || continue ;;
        *) continue ;;
      esac
      if [ -n "$archive" ] && [ "$archive" != "$second" ]; then
        stop "There are several versions at $from: $archive and $second." "Say which with --release X."
      fi
      sum=$first archive=$second
    done <"$work/SHA256SUMS"
    [ -z "$archive" ] || break
  done
  if [ -z "$archive" ]; then
    case $(head -c 1 "$work/SHA256SUMS" 2>/dev/null) in
      '<')
        stop "$from answered with a web page where a list of sums should be." \
          "Does this network want you to log in first? Open any page in a browser, then try again."
        ;;
    esac
    stop "At $from there is no doctor${release:+ $release} for this system ($targets)." \
      "SHA256SUMS there names none."
  fi
  case $sum in
    *[!0-9a-fA-F]* | '') sum= ;;
  esac
  [ ${#sum} = 64 ] || stop "SHA256SUMS at $from has no valid sum for $archive." "Nothing was installed."
  sum=$(printf '%s' "$sum" | tr ABCDEF abcdef)
}

# --- fetching ------------------------------------------------------------------------------------------------------

# wget reads the small names only, and curl no HTTP_PROXY.
take_proxies() {
  if [ -z "${http_proxy:-}" ] && [ -n "${HTTP_PROXY:-}" ]; then http_proxy=$HTTP_PROXY && export http_proxy; fi
  if [ -z "${https_proxy:-}" ] && [ -n "${HTTPS_PROXY:-}" ]; then https_proxy=$HTTPS_PROXY && export https_proxy; fi
  if [ -z "${no_proxy:-}" ] && [ -n "${NO_PROXY:-}" ]; then no_proxy=$NO_PROXY && export no_proxy; fi
  all=${all_proxy:-${ALL_PROXY:-}}
  if [ -n "$all" ]; then
    if [ -z "${http_proxy:-}" ]; then http_proxy=$all && export http_proxy; fi
    if [ -z "${https_proxy:-}" ]; then https_proxy=$all && export https_proxy; fi
  fi
}

# Sets `from` to a folder or an address without a slash at its end, and `folder` to yes for a folder.
read_address() {
  folder=no
  case $from in
    http://* | https://*)
      while :; do
        case $from in
          *' '*) from=${from%%' '*}%20${from#*' '} ;;
          *) break ;;
        esac
      done
      ;;
    file://*)
      folder=yes
      from=${from#file://}
      from=${from#localhost}
      rest=$from from=''
      while :; do
        case $rest in
          *%[0-9a-fA-F][0-9a-fA-F]*)
            from=$from${rest%%\%*}
            rest=${rest#*%}
            from=$from$(printf '%b' "\\0$(printf '%03o' "0x${rest%"${rest#??}"}")")
            rest=${rest#??}
            ;;
          *) break ;;
        esac
      done
      from=$from$rest
      ;;
    *://*) stop "I cannot fetch from $from." "Use an address that begins with https:// or file://, or a folder." ;;
    '~/'*) folder=yes from=${HOME:-}${from#?} ;;
    *) folder=yes ;;
  esac
  from=${from%/}
  if [ $folder = yes ]; then
    [ -n "$from" ] && [ -d "$from" ] || stop "There is no folder $from to install from." "Look at what --from says."
    from=$(CDPATH='' cd -- "$from" && pwd) || stop "The folder $from cannot be read."
  fi
}

# fetch NAME: into the work folder. Tried twice; from the network never continued, always from the beginning.
fetch() {
  if [ $folder = yes ]; then
    [ -f "$from/$1" ] || stop "There is no $1 in the folder $from." "Nothing was installed."
    cp "$from/$1" "$work/$1" 2>"$work/words" || broke_off "$1"
  elif have curl || have wget; then
    get "$1" || { sleep 1 && get "$1"; } || broke_off "$1"
  else
    stop "There is neither curl nor wget here to fetch with." \
      "Install one of them, or fetch SHA256SUMS and the archive" \
      "doctor-…-${targets%% *}.tar.gz from $from" \
      "with a browser, put them into one folder, and run this again with --from FOLDER."
  fi
}

# Both write to standard output, because a curl installed by snap may not write into temporary folders.
get() {
  if have curl; then
    # From https:// no redirection leads out of it.
    case $from in https:*) allowed='=https' ;; *) allowed='=http,https' ;; esac
    curl --fail --silent --show-error --location --proto "$allowed" --connect-timeout 20 --speed-limit 1 \
      --speed-time 30 "$from/$1" >"$work/$1" 2>"$work/words"
  else
    case $(wget --help 2>&1) in
      *BusyBox*) wget -q -O - "$from/$1" >"$work/$1" 2>"$work/words" ;;
      *) wget -nv --tries=1 --timeout=30 -O - "$from/$1" >"$work/$1" 2>"$work/words" ;;
    esac
  fi
}

broke_off() {
  why=$(sed -n '/[^[:space:]]/p' "$work/words" | tail -n 1)
  stop "$1 could not be fetched from $from." "${why:-The connection broke off.}" \
    "Nothing was installed. Look at the address and the network, then try again."
}

sum_of() {
  if have sha256sum; then sha256sum <"$1"; elif have shasum; then shasum -a 256 <"$1"; else openssl dgst -sha256 -r <"$1"; fi
}

check_sum() {
  have sha256sum || have shasum || have openssl ||
    stop "There is no program here to check the download with (sha256sum, shasum or openssl)." "Nothing was installed."
  is=$(sum_of "$work/$archive") || stop "The sum of $archive could not be computed." "Nothing was installed."
  is=${is%% *}
  [ "$is" = "$sum" ] ||
    stop "$archive is not what was published: its SHA-256 sum is wrong." "expected $sum" "found    $is" \
      "Nothing was installed. The download broke off or was altered on its way: try again, perhaps on another network."
}

unpack() {
  gzip -dc <"$work/$archive" >"$work/archive.tar" 2>"$work/words" && mkdir "$work/unpacked" &&
    (cd "$work/unpacked" && tar -xf ../archive.tar) 2>>"$work/words" ||
    stop "$archive could not be unpacked." "$(head -n 1 "$work/words")" "Nothing was installed."
  program=$work/unpacked/${archive%.tar.gz}/doctor
  [ -f "$program" ] || stop "There is no doctor in $archive." "Nothing was installed."
}

# --- building ------------------------------------------------------------------------------------------------------

# Sets `checkout` to the folder of the source this script lies in, or the current one.
find_checkout() {
  checkout=''
  for dir in "$(dirname -- "$0")/.." .; do
    if [ -f "$dir/install/install.sh" ] && grep -q '^name = "doctor"' "$dir/Cargo.toml" 2>/dev/null; then
      checkout=$(CDPATH='' cd -- "$dir" && pwd)
      return
    fi
  done
}

build() {
  [ -n "$checkout" ] || stop "There is no checkout of doctor here to build from." "Run this in the checkout's folder."
  have cargo || stop "There is no cargo here to build with." "Install Rust, or fetch a release with --from ADDRESS."
  say "Building doctor in $(short "$checkout"); the first time takes some minutes."
  cargo install --quiet --locked --no-track --path "$checkout" --root "$work/built" </dev/null >&2 ||
    stop "cargo could not build doctor; its words are above." "Nothing was installed."
  program=$work/built/bin/doctor
}

# --- the folder ----------------------------------------------------------------------------------------------------

# Sets `to` to a whole path that can be a folder on PATH.
read_folder() {
  if [ -z "$to" ]; then
    # Under sudo the folder would be yours and the file root's.
    if [ -n "${SUDO_USER:-}" ] && [ "$SUDO_USER" != root ]; then
      stop "This needs no sudo: run it again without." "For everybody on this machine: --to /usr/local/bin"
    fi
    [ -n "${HOME:-}" ] || stop "HOME is not set, so there is no folder of yours to install into." "Say where with --to DIR."
    to=$HOME/.local/bin
  fi
  case $to in
    '~/'*) to=${HOME:?}${to#?} ;;
    /*) ;;
    *) to=$PWD/$to ;;
  esac
  while [ "$to" != / ] && [ "${to%/}" != "$to" ]; do to=${to%/}; done
  case $to in
    *"$newline"* | *:*) stop "A folder with a colon or a line break in its name cannot be on PATH: $to" "Choose another with --to DIR." ;;
  esac
}

# Whether the file is this program, in whatever version, without running it.
is_doctor() { LC_ALL=C grep -q 'knowledge of ' "$1" 2>/dev/null; }

# What stands in the way is said before anything is fetched.
look_at_folder() {
  if [ -d "$to/doctor" ] || { [ -e "$to/doctor" ] && ! is_doctor "$to/doctor"; }; then
    stop "$to/doctor is something else than this program." "Move it away, or choose another folder with --to DIR."
  fi
  dir=$to
  while [ ! -e "$dir" ]; do dir=${dir%/*} && dir=${dir:-/}; done
  [ -d "$dir" ] || stop "$dir is not a folder." "Choose another with --to DIR."
  [ -w "$dir" ] && [ -x "$dir" ] || stop "You may not write into $dir." "Choose a folder of yours with --to DIR. Nothing was installed."
}

# Copied beside its place, tried there, then renamed: at no time is there half a program, and the old one stays until
# the new one has run.
put() {
  made='' dir=$to
  while [ ! -e "$dir" ]; do made=$dir && dir=${dir%/*} && dir=${dir:-/}; done
  mkdir -p "$to" 2>"$work/words" || stop "The folder $to could not be made." "$(head -n 1 "$work/words")"
  before=''
  [ ! -f "$to/doctor" ] || before=$("$to/doctor" --version 2>/dev/null </dev/null)
  new=$(mktemp "$to/.doctor.XXXXXX" 2>"$work/words") || stop "You may not write into $to." "$(head -n 1 "$work/words")"
  cp "$program" "$new" 2>"$work/words" && chmod 755 "$new" 2>>"$work/words" ||
    stop "doctor could not be written into $to." "$(head -n 1 "$work/words")" "Nothing was installed."
  version=$("$new" --version 2>"$work/words" </dev/null) ||
    stop "The fetched program does not start on this system." "$(head -n 1 "$work/words")" "Nothing was installed."
  mv -f "$new" "$to/doctor" 2>"$work/words" || stop "doctor could not be put into $to." "$(head -n 1 "$work/words")"
  new='' made=''
  case $before in
    '') say "Installed $(short "$to/doctor"): $version" ;;
    "$version") say "Installed $(short "$to/doctor") again: $version" ;;
    *) say "Upgraded $(short "$to/doctor"): $version (before: $before)" ;;
  esac
}

# --- PATH ----------------------------------------------------------------------------------------------------------

# Whether the folder is on PATH, by whatever name.
on_path() {
  real=$(CDPATH='' cd -- "$to" 2>/dev/null && pwd -P) || return 1
  rest=$PATH:
  while [ -n "$rest" ]; do
    dir=${rest%%:*}
    rest=${rest#*:}
    case $dir in /*) ;; *) continue ;; esac
    [ "$dir" != "$to" ] || return 0
    [ "$(CDPATH='' cd -- "$dir" 2>/dev/null && pwd -P)" != "$real" ] || return 0
  done
  return 1
}

# Sets `shell`: the login shell's name, as the system has it where the terminal does not say.
find_shell() {
  shell=${SHELL:-}
  if [ -z "$shell" ] && [ -r /etc/passwd ]; then
    me=$(id -u)
    while IFS=: read -r _ _ uid _ _ _ program_of; do
      if [ "$uid" = "$me" ]; then shell=$program_of && break; fi
    done </etc/passwd
  fi
  shell=${shell##*/}
}

# Sets `startup`, the start-up file of the login shell, `line`, what to put there, and `now`, what to paste.
find_startup() {
  home=${HOME:-}
  case $to in
    "$home"/*[!A-Za-z0-9_./-]*) dir=$(quoted "$to"):'"$PATH"' ;;
    "$home"/*) dir='"$HOME'${to#"$home"}':$PATH"' ;;
    *) dir=$(quoted "$to"):'"$PATH"' ;;
  esac
  line="export PATH=$dir" now=''
  case $shell in
    zsh) startup=${ZDOTDIR:-$home}/.zshrc ;;
    bash)
      startup=$home/.bashrc
      # Terminals on macOS start a login shell, which reads the first of these that is there.
      if [ "$(uname -s)" = Darwin ]; then
        startup=$home/.bash_profile
        for file in .profile .bash_login .bash_profile; do
          if [ -f "$home/$file" ]; then startup=$home/$file; fi
        done
      fi
      ;;
    fish)
      startup=${XDG_CONFIG_HOME:-$home/.config}/fish/config.fish
      # fish reads backslashes inside single quotes.
      dir=\'$(printf '%s' "$to" | sed "s/[\\\\']/\\\\&/g")\'
      line="contains -- $dir \$PATH; or set -gx PATH $dir \$PATH"
      now="set -gx PATH $dir \$PATH"
      ;;
    *) startup=$home/.profile ;;
  esac
  now=${now:-$line}
}

marker="# doctor's install.sh put this folder on PATH:"

edit_path() {
  [ -n "$home" ] && [ -d "$home" ] || stop "doctor is installed, but there is no home folder with a start-up file to edit."
  if [ -f "$startup" ] && grep -qxF -- "$line" "$startup"; then
    say "$(short "$startup") puts it on PATH already; a new terminal will see it."
    return
  fi
  { mkdir -p "$(dirname -- "$startup")" && keep_copy && {
    # A last line without its end would swallow ours.
    if [ -s "$startup" ] && [ -n "$(tail -c 1 "$startup")" ]; then echo >>"$startup"; fi
    printf '%s\n%s\n' "$marker" "$line" >>"$startup"
  }; } 2>/dev/null || stop "doctor is installed, but $(short "$startup") could not be written." "Put this line there yourself:" "$line"
  say "Put it on PATH in $(short "$startup")${kept:+ (as it was: $(short "$kept"))}. Open a new terminal, or for this one:" "" "    $now" ""
}

# The start-up file as it was before the first time.
keep_copy() {
  kept=''
  [ -e "$startup" ] || return 0
  kept=$startup.before-doctor
  [ -e "$kept" ] || cp -p "$startup" "$kept"
}

take_off_path() {
  if ! grep -qxF -- "$marker" "$startup" 2>/dev/null; then return; fi
  if [ "$edit" = no ]; then
    say "$(short "$startup") still puts the folder on PATH; --uninstall --edit-path takes that out too."
    return
  fi
  { keep_copy && awk -v marker="$marker" '$0 == marker { getline; next } { print }' "$startup" >"$work/startup" &&
    cat "$work/startup" >"$startup"; } 2>/dev/null || stop "$(short "$startup") could not be written." "Take this line out yourself:" "$line"
  say "Took it off PATH in $(short "$startup") (as it was: $(short "$kept"))."
}

tell_path() {
  find_startup
  if ! on_path; then
    if [ "$edit" = yes ]; then edit_path && return; fi
    say "$(short "$to") is not on your PATH, so typing doctor would not find it yet. For this terminal paste" "" "    $now" ""
    if [ -n "$home" ]; then
      say "and for all new ones put the same into $(short "$startup"), or run this again with --edit-path." |
        if [ "$now" = "$line" ]; then cat; else sed 's/put the same into/put that into/'; fi
    fi
    return
  fi
  say "$(short "$to") is on your PATH: type doctor."
  first=$(command -v doctor) || first=''
  case $first in
    "$to/doctor" | '') ;;
    /*)
      [ "$(CDPATH='' cd -- "${first%/*}" 2>/dev/null && pwd -P)" = "$real" ] ||
        say "But another doctor comes before it on PATH: $first"
      ;;
  esac
}

# --- what is asked for ---------------------------------------------------------------------------------------------

uninstall() {
  if [ ! -e "$to/doctor" ] && [ ! -L "$to/doctor" ]; then
    say "There is no doctor in $(short "$to")."
  elif [ -L "$to/doctor" ] || { [ -f "$to/doctor" ] && is_doctor "$to/doctor"; }; then
    rm -f "$to/doctor" 2>/dev/null || stop "You may not remove $to/doctor."
    say "Removed $(short "$to/doctor")."
  else
    stop "$to/doctor is something else than this program; it was left alone."
  fi
  find_startup
  take_off_path
}

need() { [ $# -ge 2 ] && [ -n "$2" ] || stop "$1 needs a value." "sh install.sh --help names the options."; }

read_options() {
  while [ $# -gt 0 ]; do
    case $1 in
      --from) need "$@" && from=$2 && shift ;;
      --from=*) from=${1#*=} ;;
      --to) need "$@" && to=$2 && shift ;;
      --to=*) to=${1#*=} ;;
      --release) need "$@" && release=$2 && shift ;;
      --release=*) release=${1#*=} ;;
      --build) way=build ;;
      --edit-path) edit=yes ;;
      --run) run=yes ;;
      --uninstall) way=uninstall ;;
      -h | --help) usage && exit 0 ;;
      *) stop "I do not know $1." "sh install.sh --help names the options." ;;
    esac
    shift
  done
}

main() {
  # zsh splits words and keeps traps differently.
  if [ -n "${ZSH_VERSION:-}" ]; then emulate sh; fi
  set -u
  newline='
'
  cr=$(printf '\r')
  from=${DOCTOR_INSTALL_FROM:-} to='' release='' way=fetch edit=no run=no
  work='' new='' made=''
  read_options "$@"
  read_folder
  find_shell
  for tool in uname mktemp grep sed; do have $tool || stop "There is no $tool here, which this script needs."; done
  trap clean_up EXIT
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM
  work=$(mktemp -d "${TMPDIR:-/tmp}/doctor-install.XXXXXX" 2>/dev/null) ||
    stop "You may not write into ${TMPDIR:-/tmp}." "Set TMPDIR to a folder of yours."
  if [ $way = uninstall ]; then
    uninstall
    exit 0
  fi
  look_at_folder
  from=${from:-$(default_address)}
  find_checkout
  if [ $way = fetch ] && [ -z "$from" ]; then
    [ -n "$checkout" ] && have cargo ||
      stop "Where should doctor come from?" "Say so with --from ADDRESS, or set DOCTOR_INSTALL_FROM." \
        "In a checkout with Rust installed, --build builds it."
    way=build
  fi
  if [ $way = build ]; then
    build
  else
    for tool in tar gzip; do have $tool || stop "There is no $tool here, which unpacks the archive." "Nothing was installed."; done
    read_address
    take_proxies
    find_targets
    fetch SHA256SUMS
    find_archive
    say "Fetching $archive from $from"
    case $from in
      http://127.* | http://localhost*) ;;
      http:*) say "(What comes over http:// can be altered on its way, its sum too: where you can, use https://.)" ;;
    esac
    fetch "$archive"
    check_sum
    unpack
  fi
  put
  tell_path
  clean_up
  if [ $run = yes ]; then
    say ""
    "$to/doctor" </dev/null
    exit $?
  fi
}

main "$@"
