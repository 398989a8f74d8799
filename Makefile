.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
export GX_ANALYTICS_ENABLED := false

help:  ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## */\t/' | expand -t 12

run: .venv/.ready  ## build the demonstration data if there is none, and serve on 127.0.0.1:8501
	@$(BIN)/python -m iomdash serve

test: .venv/.ready  ## run the tests
	$(BIN)/python -m pytest $(ARGS)

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

fuzz: .venv/.ready  ## read 10,000 valid files changed at random
	PYTHONPATH=. $(BIN)/python tests/fuzz.py 10000

demo: .venv/.ready  ## build the demonstration data anew in data/
	$(BIN)/python -m iomdash demo

.venv/.ready: requirements.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

.venv/.ready-dev: .venv/.ready requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

.PHONY: help run test check format bench fuzz demo
