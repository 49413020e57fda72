# Every command of the house. A new machine needs only make and Python 3.11 or later with venv.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
READY := .venv/.run
CHECKED := .venv/.test

export PYTHON
.DEFAULT_GOAL := help
BENCH := build/bench-venv
PIP := -m pip install -qq --disable-pip-version-check
.PHONY: help setup demo test test-long bench lint types unit wheel renew clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(READY) ## Make .venv, install volsculpt in it and compile it; at once when nothing changed
	@$(BIN)/volsculpt compile --sizes 1

$(READY): pyproject.toml requirements/run.txt requirements/build.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "volsculpt needs Python 3.11 or later: make setup PYTHON=...")'
	@scripts/setup run

$(CHECKED): $(READY) requirements/test.txt
	@scripts/setup test

demo: setup ## Plan an example treasury, run another through a made-up market, draw both
	@mkdir -p build
	$(BIN)/volsculpt plan examples/treasury.toml --quotes examples/quotes.toml --figure build/treasury.html
	$(BIN)/volsculpt backtest examples/history.toml --report build/history.html

test: $(CHECKED) ## Run every check and every test: what a change has to pass
	@scripts/check

test-long: $(CHECKED) ## Run what takes longer: storms, kills, thorough laws, another Python
	@$(BIN)/volsculpt compile
	@scripts/long

bench: setup $(BENCH)/.ready $(BENCH)-hftbacktest/.ready ## Time the same hedge here and in what people use today; ten minutes
	@$(BIN)/python -m benchmarks

$(BENCH)/.ready: benchmarks/requirements.txt
$(BENCH)-hftbacktest/.ready: benchmarks/requirements-hftbacktest.txt
$(BENCH)/.ready $(BENCH)-hftbacktest/.ready:
	@echo "Installing $(<F) into $(@D) (a minute, the first time)"
	@test -x $(@D)/bin/python || $(PYTHON) -m venv $(@D)
	@$(@D)/bin/python $(PIP) -r $<
	@touch $@

lint: $(CHECKED) ## Check format and style
	@scripts/check lint

types: $(CHECKED) ## Check the types
	@scripts/check types

unit: $(CHECKED) ## Run the tests only
	@scripts/check unit

wheel: $(CHECKED) ## Build the wheel into dist/
	@$(BIN)/python -m build --wheel --no-isolation --outdir dist

renew: ## Take the newest versions of everything and write requirements/
	@scripts/renew

clean: ## Remove all that the other targets made, .venv too
	@rm -rf .venv build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
	@find src tests scripts benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +
