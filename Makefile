# The words to know: demo, test, bench, lint, docs. Each makes its own virtual environment (.venv) where there
# is none, from a lock file with hashes. Only Python 3.11, 3.12 or 3.13 is needed; uv is used where it is present.

PYTHON ?= python3
BIN := .venv/bin
DRAWS ?= 4000
FUZZ ?=

.PHONY: help demo test thorough validate faults fuzz bench lint docs posterior backtest sbom vulnerabilities lock clean

help:
	@echo "make demo    audit the first article with $(DRAWS) wars; the page lands in out/"
	@echo "make test    style, types, layers and all tests but those that take long"
	@echo "make thorough  the tests that take long: whole fits, thousands of wars, slow references"
	@echo "make validate  100 wars made by the model and fitted: the ranks of the truths; in out/validation/"
	@echo "make faults  programs and workers killed, parts torn, a full disk: what comes out must be the same"
	@echo "make fuzz    a million hostile inputs, shared out among all readers; failures land in out/fuzz/"
	@echo "make lint    the same without the tests"
	@echo "make bench   how fast: every script in benchmarks/"
	@echo "make posterior  fit what comes with the package to the evidence again, where out of date"
	@echo "make backtest   forecasts from every origin, scored beside plain ones"
	@echo "make docs    the site, built into site/, its links checked"
	@echo "make sbom    what it is made of, with licences (CycloneDX), in out/"
	@echo "make vulnerabilities  withdrawn and newer releases of what is locked; ADVISORIES=FILE for known faults"
	@echo "make lock    choose the newest releases again and write the lock files"
	@echo "make clean   remove what these commands made, except .venv"

demo: .venv/installed
	$(BIN)/ceasefire audit interview-with-a-tyrant --draws $(DRAWS) --out out

test: .venv/installed-dev
	@sh scripts/check.sh

thorough: .venv/installed-dev
	@sh scripts/check.sh --thorough

validate: .venv/installed
	$(BIN)/python -m ceasefire.inference.validating

lint: .venv/installed-dev
	@sh scripts/check.sh --lint-only

faults: .venv/installed-dev
	$(BIN)/python -m tests.faults.trial

fuzz: .venv/installed-dev
	$(BIN)/python -m tests.fuzz.fuzz $(FUZZ)

bench: .venv/installed-dev
	@set -e; for script in benchmarks/*.py; do \
	    if [ ! -f "$$script" ]; then echo "benchmarks/ holds no script."; continue; fi; \
	    echo "==> $$script"; $(BIN)/python "$$script"; \
	done

docs: .venv/installed-dev
	$(BIN)/sphinx-build --quiet --fresh-env --fail-on-warning --keep-going docs site
	$(BIN)/python scripts/check_site.py site

posterior: .venv/installed-dev
	$(BIN)/python -m ceasefire.inference.rebuild

backtest: .venv/installed-dev
	$(BIN)/ceasefire backtest ukraine-2022 \
	    --summary src/ceasefire/inference/posteriors/backtest-ukraine-2022.json

sbom: .venv/installed-dev
	$(BIN)/python scripts/sbom.py --out out/sbom.json
	$(BIN)/python scripts/licences.py --table out/licences.md

vulnerabilities: .venv/installed-dev
	$(BIN)/python scripts/vulnerabilities.py $(if $(ADVISORIES),--advisories $(ADVISORIES))

lock: .venv/installed
	@PYTHON="$(PYTHON)" sh scripts/lock.sh

clean:
	rm -rf out site build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .ceasefire
	find src tests scripts benchmarks -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

# A target installs once, and again when its lock file changes.
.venv/installed: requirements.lock
	@[ -e .venv/installed-dev ] && [ ! requirements.lock -nt .venv/installed-dev ] \
	    || PYTHON="$(PYTHON)" sh scripts/environment.sh requirements.lock
	@touch $@

.venv/installed-dev: requirements-dev.lock
	@PYTHON="$(PYTHON)" sh scripts/environment.sh requirements-dev.lock
	@touch $@
