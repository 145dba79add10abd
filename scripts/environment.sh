#!/bin/sh
# Make .venv where there is none and install one lock file into it, then this package.
# Usage: environment.sh LOCKFILE. PYTHON names the interpreter that makes .venv (default: python3).
set -eu
cd "$(dirname "$0")/.."
lock=$1
python=${PYTHON:-python3}

if ! .venv/bin/python -c '' 2>/dev/null; then
    if ! command -v "$python" >/dev/null 2>&1; then
        echo "ceasefire needs Python 3.11, 3.12 or 3.13, and there is no $python." >&2
        echo "  to do: install one, or name it: make PYTHON=/path/to/python3.12 ..." >&2
        exit 1
    fi
    if ! "$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))'; then
        echo "ceasefire needs Python 3.11, 3.12 or 3.13; $python is $("$python" --version 2>&1)." >&2
        echo "  to do: name another one: make PYTHON=python3.12 ..." >&2
        exit 1
    fi
    echo "making .venv with $("$python" --version)"
    if ! "$python" -m venv .venv; then
        command -v uv >/dev/null 2>&1 || exit 1
        uv venv --quiet --allow-existing --python "$python" .venv
    fi
fi

if command -v uv >/dev/null 2>&1; then
    install="uv pip install --quiet --python .venv/bin/python"
else
    .venv/bin/python -c 'import pip' 2>/dev/null || .venv/bin/python -m ensurepip --upgrade >/dev/null
    install=".venv/bin/python -m pip install -qq --disable-pip-version-check --no-input"
fi

echo "installing $lock"
$install --require-hashes -r "$lock"
# The package itself: its requirements are in place, and so is what builds it.
$install --no-deps --no-build-isolation -e .
