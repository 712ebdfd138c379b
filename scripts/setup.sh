#!/usr/bin/env bash
# Make .venv and install the pinned requirements file given; nothing to do when it holds them already.
# PYTHON_BIN chooses the interpreter (python3); SYSTEM_DEPS=no installs no system package.
set -euo pipefail
cd "$(dirname "$0")/.."
requirements=$1
python=${PYTHON_BIN:-python3}
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "Python 3.11 or later is needed (found: $("$python" --version 2>&1))." >&2
    exit 1
}
if [ ! -x .venv/bin/python ]; then
    "$python" -m venv .venv 2>/dev/null || {
        if [ "${SYSTEM_DEPS:-}" != no ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
            echo "Installing system packages with apt-get (SYSTEM_DEPS=no prevents it): python3-venv"
            apt-get update -qq && apt-get install -y -qq --no-install-recommends python3-venv >/dev/null
            "$python" -m venv .venv
        else
            echo "The Python module venv is missing: install the package python3-venv." >&2
            exit 1
        fi
    }
fi
stamp=.venv/.installed-$(basename "$requirements" .txt)-$(sha256sum "$requirements" | cut -c1-16)
[ -e "$stamp" ] && exit 0
echo "Installing $requirements into .venv…"
.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r "$requirements"
touch "$stamp"
