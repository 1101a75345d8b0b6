# `make demo` shows civic, `make test` checks it; both make what they need in .venv first.
PYTHON ?= python3
.DEFAULT_GOAL := help
.PHONY: help demo test check crash deploy-check walk bench lock migration clean

BIN := .venv/bin
PACKAGES := civic identity chapters deliberation voting
SOURCES := $(wildcard $(PACKAGES) tests bench docs)

help:
	@echo "make demo       a small network on http://localhost:8000"
	@echo "make test       lint, types, imports and all tests"
	@echo "make check      lint, types and imports alone"
	@echo "make crash      forty rounds of killing processes under load"
	@echo "make deploy-check  the files in deploy/ tried with nginx, Caddy, Tor and systemd"
	@echo "make walk       every page, as everybody, in three languages, in a browser"
	@echo "make bench      what a node can do on this machine"
	@echo "make migration  write the next migration from the tables: m='what changes'"
	@echo "make lock       renew the locked versions of all dependencies"
	@echo "make clean      remove what these commands made, except data"

demo: .venv/.runs
	@$(BIN)/civic demo

test: check
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

check: .venv/.tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy $(SOURCES)
	$(BIN)/lint-imports --no-logo

crash: .venv/.tests
	$(BIN)/python -m pytest -p no:randomly --crash-rounds 40 tests/crash

deploy-check: .venv/.tests
	$(BIN)/python -m pytest -m programs tests/deploy

walk: .venv/.tests
	$(BIN)/python -m pytest -p no:randomly -n 2 -rA --whole-walk tests/walk

# Django and FastAPI, beside which pages are measured: in a folder that nothing else looks into.
PEERS := bench/peers/.packages
bench: .venv/.tests $(PEERS)/.there
	$(BIN)/python -m bench

$(PEERS)/.there: bench/peers/requirements.lock | .venv/.tests
	@echo "Installing what pages are measured beside into $(PEERS) ..."
	@rm -rf $(PEERS)
	@$(INSTALL) --require-hashes --no-deps --target $(PEERS) -r $<
	@touch $@

migration: .venv/.tests
	$(BIN)/python -m civic.migrations $(m)
	$(BIN)/ruff check --fix --quiet civic/migrations/versions
	$(BIN)/ruff format --quiet civic/migrations/versions

# The files name no index: pip installs from wherever it is set up to look.
COMPILE := CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/pip-compile --quiet --upgrade \
	--generate-hashes --strip-extras --allow-unsafe --annotation-style line \
	--no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-emit-options
lock: .venv/bin/python
	@$(INSTALL) "pip-tools>=7.6"
	$(COMPILE) --build-deps-for wheel --output-file requirements.lock pyproject.toml
	$(COMPILE) --extra dev --constraint requirements.lock --output-file requirements-dev.lock \
		pyproject.toml
	$(COMPILE) --constraint requirements-dev.lock --output-file bench/peers/requirements.lock \
		bench/peers/requirements.in

# An environment is made anew only when the locked versions or the project's data change.
INSTALL := $(BIN)/python -m pip --quiet --disable-pip-version-check install
.venv/.runs: requirements.lock pyproject.toml | .venv/bin/python
	@echo "Installing what civic needs into .venv ..."
	@$(INSTALL) --require-hashes -r requirements.lock
	@$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.tests: requirements-dev.lock pyproject.toml | .venv/bin/python
	@echo "Installing what civic and its tests need into .venv ..."
	@$(INSTALL) --require-hashes -r requirements-dev.lock
	@$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "civic needs Python 3.11 or later; name one: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "Python's venv is missing. On Debian: apt-get install python3-venv" >&2; exit 1; }
	@$(PYTHON) -m venv .venv

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	rm -rf build dist bench/peers/.packages
	find $(SOURCES) -name __pycache__ -type d -prune -exec rm -rf {} +
