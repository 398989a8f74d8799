.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
# Exact versions, each with the sums of its files: what is installed is what was tried. Compiling all
# of them takes longer than compiling what is used as it is used.
define INSTALL
@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("$(PYTHON) is Python " + sys.version.split()[0] + ", and iomdash needs 3.11 or newer. Name one: make run PYTHON=python3.13")'
@echo "Making an environment in .venv with $$($(PYTHON) --version)."
@$(PYTHON) -m venv .venv
@echo "Installing $$(grep -c '^[a-z]' $<) packages into it, once. pip names each; unpacking at the end is silent."
@$(BIN)/python -m pip install --disable-pip-version-check --no-compile --require-hashes -r $<
@touch $@
endef
PIN = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--custom-compile-command "make lock" $(ARGS)
export GX_ANALYTICS_ENABLED := false
# Empty is unset: the tests start Python a hundred times, and what is compiled once is kept.
export PYTHONDONTWRITEBYTECODE :=

help:  ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## */\t/' | expand -t 12

run: .venv/.ready  ## build the demonstration data if there is none, and serve on 127.0.0.1:8501
	@echo "Starting iomdash."
	@$(BIN)/python -m iomdash serve

test: .venv/.ready-dev  ## run the tests; COVERAGE=1 prints what no test runs
	$(BIN)/python -m pytest $(if $(COVERAGE),--cov=iomdash) $(ARGS)

test-spark: .venv/.ready-spark  ## count on Spark what DuckDB counts, and compare; needs Java 17
	$(BIN)/python -m pytest -n 0 tests/spark $(ARGS)

quick: .venv/.ready-dev  ## run the quick part of the tests, in half a minute
	$(BIN)/python -m pytest -n 0 @tests/quick.txt $(ARGS)

check: .venv/.ready-dev  ## check format, lint, types and layers
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright
	$(BIN)/lint-imports

format: .venv/.ready-dev  ## format and mend what lint can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: .venv/.ready-dev  ## measure load, pages and start, as ratios within one run
	$(BIN)/python -m benchmarks

fuzz: .venv/.ready-dev  ## read 10,000 valid files changed at random
	PYTHONPATH=. $(BIN)/python tests/fuzz.py 10000

soak: .venv/.ready-dev  ## ten partnerships, 1,000 kills at random moments, 10,000 hostile requests, every door
	PYTHONPATH=.:tests $(BIN)/python tests/partnerships.py
	PYTHONPATH=.:tests $(BIN)/python tests/soak.py 1000
	HOSTILE=10000 $(BIN)/python -m pytest -n 0 tests/test_running.py -k hostile
	ATTACK=whole $(BIN)/python -m pytest -n 0 tests/test_attack.py

provider: .venv/.ready-dev  ## sign in at a second provider; needs Node 20, Chromium and npm
	cd tests/second_provider && npm ci --no-audit --no-fund
	PROVIDER=node $(BIN)/python -m pytest -n 0 tests/test_sign_in.py $(ARGS)

container: .venv/.ready-dev  ## build deploy/Containerfile and run it (buildah), else follow its steps; needs root
	PYTHONPATH=.:tests $(BIN)/python tests/container.py data

screenshots: .venv/.ready-dev  ## every page at three widths, in screenshots/; ARGS=DATA for your data
	PYTHONPATH=.:tests $(BIN)/python tests/screenshots.py screenshots $(ARGS)

demo: .venv/.ready  ## build the demonstration data anew in data/
	$(BIN)/python -m iomdash demo

lock: .venv/.ready-dev  ## pin all that the requirements bring; ARGS=--upgrade for newer versions
	$(PIN) requirements.txt -o requirements.lock
	$(PIN) requirements-dev.txt -c requirements.lock -o requirements-dev.lock
	$(PIN) requirements-spark.txt -c requirements.lock -c requirements-dev.lock -o requirements-spark.lock

hooks: .venv/.ready-dev  ## run `make check` of what is staged before every commit
	git config core.hooksPath .githooks

.venv/.ready: requirements.lock
	$(INSTALL)

.venv/.ready-dev: requirements-dev.lock
	$(INSTALL)
	@touch .venv/.ready

# Into the same environment, as Spark counts by the same code.
.venv/.ready-spark: requirements-spark.lock .venv/.ready-dev
	@$(BIN)/python -m pip install --disable-pip-version-check --no-compile --require-hashes -r $<
	@touch $@

.PHONY: help run test test-spark quick check format bench fuzz soak provider container screenshots demo lock hooks
