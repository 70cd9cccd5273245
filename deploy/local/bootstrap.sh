#!/bin/sh
# Installs what is missing: Debian packages, and a virtual environment with hash-locked requirements.
# Quick and silent when nothing is missing. Run by every make target.
#
#   bootstrap.sh run      what the stack needs
#   bootstrap.sh check    what linters and type checkers need (no Debian packages but Python; npm's from PyPI)
#   bootstrap.sh test     run, check, and what the tests need
#   bootstrap.sh bench    test, and the peers that the benchmarks compare with
#
# PYTHON names the interpreter that the virtual environment is made with (3.11 or newer).
set -eu

cd "$(dirname "$0")/../.."
here=deploy/local
venv=.venv
log=.local/bootstrap.log
policy=/usr/sbin/policy-rc.d

say() { printf '%s\n' "$*" >&2; }
fail() { say "Error: $*"; exit 1; }

# --- Debian packages -------------------------------------------------------------------------------

installed() { [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

# Prints the packages of the given lists that are missing.
missing_packages() {
    cat /dev/null "$@" | while read -r package command; do
        case $package in ''|'#'*) continue ;; esac
        if [ -n "$command" ] && command -v "$command" >/dev/null; then continue; fi
        installed "$package" || printf '%s ' "$package"
    done
}

# Runs a command as root; fails where that takes more rights than the caller has.
as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    else
        sudo "$@"
    fi
}

require_root() {
    [ "$(id -u)" = 0 ] && return
    if command -v sudo >/dev/null; then
        sudo -n true 2>/dev/null && return
        [ -t 0 ] && sudo -v && return
    fi
    fail "these Debian packages are missing: $1
You are not root and sudo is not available to you. Ask an administrator to run:
  apt-get update && apt-get install --no-install-recommends $1
and then repeat what you did."
}

# Keeps Debian from starting system-wide services of what we install, unless the
# administrator has a policy already; https://people.debian.org/~hmh/invokerc.d-policyrc.d-specification.txt
hold_services() {
    if [ -e "$policy" ] && ! is_our_policy; then return; fi
    trap release_services EXIT
    trap 'exit 129' HUP
    trap 'exit 130' INT
    trap 'exit 143' TERM
    printf '#!/bin/sh\n# Made by OCR Fleet while it installs packages; to be removed.\nexit 101\n' |
        as_root tee "$policy" >/dev/null
    as_root chmod 755 "$policy"
}

is_our_policy() { grep -qs 'Made by OCR Fleet' "$policy"; }

release_services() {
    trap - EXIT HUP INT TERM
    if is_our_policy; then as_root rm -f "$policy"; fi
}

apt_get() {
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=600 "$@" >>"$log" 2>&1
}

install_packages() {
    command -v apt-get >/dev/null || fail "these programs are missing, and this is not Debian or Ubuntu: $1
Install them by the means of your system."
    require_root "$1"
    say "Installing Debian packages: $1"
    apt_get update || say "Warning: 'apt-get update' failed (see $log); going on with the lists at hand."
    services=
    for service in rabbitmq-server prometheus; do
        case " $1 " in *" $service "*) services="$services $service" ;; esac
    done
    if [ -n "$services" ]; then hold_services; fi
    # shellcheck disable=SC2086  # a list of words
    if ! apt_get install -y --no-install-recommends $1; then
        tail -n 15 "$log" >&2
        fail "apt-get could not install: $1 (the whole output is in $log)"
    fi
    if [ -z "$services" ]; then return; fi
    release_services
    for service in $services; do
        if command -v systemctl >/dev/null && as_root systemctl disable -q "$service" >>"$log" 2>&1; then
            say "Debian's own service $service stays off; 'systemctl enable --now $service' turns it on."
        fi
    done
}

# --- Python ----------------------------------------------------------------------------------------

usable() { "$1" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

find_python() {
    for candidate in ${PYTHON:-python3 python3.13 python3.12 python3.11 /usr/bin/python3}; do
        if usable "$candidate"; then
            printf '%s' "$candidate"
            return
        fi
    done
    return 1
}

has_environment() { "$venv/bin/python" -c 'import pip' 2>/dev/null; }

# Prints the packages of an interpreter, where it takes one to make the virtual environment.
missing_python() {
    if has_environment || [ -n "${PYTHON:-}" ] || find_python >/dev/null; then return; fi
    for package in python3 python3-venv; do
        installed $package || printf '%s ' $package
    done
}

ensure_environment() {
    lock=requirements/$1.txt
    stamp=$venv/.installed-$1
    state="$(cksum <"$lock") $(readlink -f "$venv/bin/python" 2>/dev/null || true)"
    if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$state" ] && "$venv/bin/python" -c '' 2>/dev/null; then return; fi
    if ! has_environment; then
        python=$(find_python) || fail "Python 3.11 or newer with venv is needed; found: $(python3 --version 2>/dev/null)
Install a newer one and name it: PYTHON=/path/to/python3.11 make ..."
        say "Making the virtual environment $venv with $("$python" --version)"
        "$python" -m venv --clear "$venv" >>"$log" 2>&1 || fail "could not make $venv (see $log)"
    fi
    say "Installing Python packages from $lock (once; about a minute)"
    if ! "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes \
        -r "$lock" >>"$log" 2>&1; then
        tail -n 15 "$log" >&2
        fail "pip could not install $lock (the whole output is in $log)"
    fi
    printf '%s' "$(cksum <"$lock") $(readlink -f "$venv/bin/python")" >"$stamp"
}

# What the folder $2 locks, into .local/$1, by the npm that comes from PyPI: Debian 12's is too old for some.
ensure_node_packages() {
    folder=.local/$1
    lock=$2/package-lock.json
    state=$(cksum <"$lock")
    if [ "$(cat "$folder/.installed" 2>/dev/null)" = "$state" ]; then return; fi
    say "Installing Node.js packages from $lock (once)"
    rm -rf "$folder"
    mkdir -p "$folder"
    cp "$2/package.json" "$lock" "$folder"
    if ! PATH="$PWD/$venv/bin:$PATH" npm ci --prefix "$folder" --ignore-scripts --no-audit --no-fund >>"$log" 2>&1; then
        tail -n 15 "$log" >&2
        fail "npm could not install $lock (the whole output is in $log)"
    fi
    printf '%s' "$state" >"$folder/.installed"
}

# ---------------------------------------------------------------------------------------------------

wanted=${1:-run}
case $wanted in
    run) requirements=local; set -- "$here/packages.txt" ;;
    check) requirements=dev; set -- ;;
    test) requirements=dev; set -- "$here/packages.txt" "$here/packages-test.txt" ;;
    bench) requirements=dev; set -- "$here/packages.txt" "$here/packages-test.txt" "$here/packages-bench.txt" ;;
    *) fail "usage: bootstrap.sh run|check|test|bench" ;;
esac

mkdir -p .local
[ -O .local ] || fail "the folder .local belongs to another user; work as that one, or remove it as root."
chmod 700 .local
exec 9>.local/bootstrap.lock
flock 9
if command -v dpkg-query >/dev/null; then  # elsewhere programs are looked for when they are needed
    missing="$(missing_packages "$@")$(missing_python)"
    if [ -n "$missing" ]; then install_packages "${missing% }"; fi
fi
ensure_environment "$requirements"
case $wanted in
    check) ensure_node_packages lint deploy/lint ;;
    test | bench) ensure_node_packages partners tests/partners/node ;;
esac
