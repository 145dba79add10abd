#!/bin/sh
# Write the two lock files: every release pinned with its hashes, valid for each supported Python, and no
# address of an index, so that an installation asks whatever index the machine is set up for.
set -eu
cd "$(dirname "$0")/.."

if command -v uv >/dev/null 2>&1; then
    uv=uv
else
    [ -x .venv/bin/uv ] || .venv/bin/python -m pip install --quiet uv
    uv=.venv/bin/uv
fi

lock() {
    # One release for all Pythons wherever there is one ("fewest"): results then do not depend on the Python.
    UV_CUSTOM_COMPILE_COMMAND="make lock" "$uv" pip compile --quiet --universal --python-version 3.11 \
        --fork-strategy fewest --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate \
        pyproject.toml "$@"
}

lock --extra build --output-file requirements.lock
lock --extra build --extra dev --extra docs --extra sensitivity --extra supply-chain --constraints requirements.lock --output-file requirements-dev.lock
echo "wrote requirements.lock and requirements-dev.lock"
