#!/bin/sh
# Run every check, the tests last, and fail at the end if any of them failed.
# Usage: check.sh [--lint-only | --thorough]
set -u
cd "$(dirname "$0")/.."
PATH="$PWD/.venv/bin:$PATH"
failed=""

step() {
    printf '\n==> %s\n' "$*"
    "$@" || failed="$failed
  $*"
}

if [ "${1:-}" = "--thorough" ]; then
    step pytest -n 2 -m thorough
else
    step ruff check .
    step ruff format --check .
    step mypy
    step lint-imports --no-logo
    step python scripts/licences.py
    [ "${1:-}" = "--lint-only" ] || step pytest -n 2 -m "not thorough"
fi

if [ -n "$failed" ]; then
    printf '\nfailed:%s\n' "$failed" >&2
    exit 1
fi
