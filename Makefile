# `make` lists the targets. Only Python 3.11 or later, pip and make are needed.
PYTHON ?= python3
BIN := .venv/bin
DEV := .venv/.installed
BENCH := .venv/.installed-bench
SDK3 := .venv/sdk-vonage-3/.installed

.DEFAULT_GOAL := help
.PHONY: help install serve test bench check format lock clean

help: ## List the targets
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 10

install: $(DEV) ## Set up .venv with numberline and the tools
$(DEV): pyproject.toml requirements/dev.txt
	@$(PYTHON) -c 'import sys; sys.exit("Numberline needs Python 3.11 or later; name one with: make PYTHON=python3.11 ...") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(SDK3): requirements/sdk-vonage-3.txt $(DEV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --upgrade --target $(@D) -r requirements/sdk-vonage-3.txt
	@touch $@

$(BENCH): requirements/bench.txt $(DEV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bench.txt
	@touch $@

serve: $(DEV) ## Start the demo on http://127.0.0.1:8080
	$(BIN)/numberline serve --demo

test: $(DEV) $(SDK3) ## Run every test
	$(BIN)/python -m pytest -n 2

bench: $(DEV) $(BENCH) ## Run the benchmarks and print their ratios
	$(BIN)/python -m bench

check: $(DEV) ## Lint, types and layers; changes nothing
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(DEV) ## Format and fix what can be fixed
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

UV := $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --python-version 3.11
lock: $(DEV) ## Write the requirements files anew from pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(UV) pyproject.toml -o requirements/runtime.txt
	$(UV) pyproject.toml -c requirements/runtime.txt --group build --group test --group check -o requirements/dev.txt
	$(UV) -c requirements/dev.txt --group bench -o requirements/bench.txt
	echo 'vonage==3.17.3' | $(UV) - -o requirements/sdk-vonage-3.txt

clean: ## Remove what the other targets made
	rm -rf .venv .ruff_cache .mypy_cache .hypothesis build dist
