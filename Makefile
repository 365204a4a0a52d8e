# make demo: the main job on made-up data.   make test: everything that guards the house.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CHECKED := crimeloc tests docs

.PHONY: demo test lab bench docs lock clean
.DELETE_ON_ERROR:

# Each lock is installed once; a changed lock or pyproject.toml installs again.
$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "crimeloc needs Python 3.11 or newer; mend: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: $(VENV)/bin/python requirements.lock pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	@echo "Compiling the kernels once"
	@$(BIN)/crimeloc demo --out $(VENV)/compiled.html >/dev/null 2>&1 || true
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.lock
	@touch $@

$(VENV)/.installed-bench: $(VENV)/.installed-dev requirements-bench.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-bench.lock
	@touch $@

demo: $(VENV)/.installed
	@$(BIN)/crimeloc demo

test: $(VENV)/.installed-dev
	$(BIN)/ruff check $(CHECKED)
	$(BIN)/ruff format --check $(CHECKED)
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python -m pytest -n 2 --dist worksteal

lab: $(VENV)/.installed
	$(BIN)/jupyter lab notebooks

bench: $(VENV)/.installed-bench
	@for script in tests/benchmarks/bench_*.py; do echo "== $$script"; $(BIN)/python $$script || exit 1; done

docs: $(VENV)/.installed-dev
	$(BIN)/python -m sphinx -W --keep-going -b html docs docs/_build/html

# Pins for the three locks, from pyproject.toml; no address of a registry is written.
lock: $(VENV)/.installed-dev
	$(BIN)/pip-compile -q --upgrade --extra lab --strip-extras --no-header --no-emit-index-url \
		--no-emit-find-links --no-emit-trusted-host -o requirements.lock pyproject.toml
	$(BIN)/pip-compile -q --upgrade --extra lab --extra dev --strip-extras --no-header --no-emit-index-url \
		--no-emit-find-links --no-emit-trusted-host -c requirements.lock -o requirements-dev.lock pyproject.toml
	$(BIN)/pip-compile -q --upgrade --extra bench --strip-extras --no-header --no-emit-index-url \
		--no-emit-find-links --no-emit-trusted-host -c requirements.lock -c requirements-dev.lock \
		-o requirements-bench.lock pyproject.toml

clean:
	rm -rf $(VENV) docs/_build .pytest_cache .mypy_cache .ruff_cache .hypothesis
