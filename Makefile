# make demo: the main job on made-up data.   make check: while you work.   make test: everything.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CHECKED := crimeloc tests docs
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
UV := $(BIN)/uv pip compile --quiet --generate-hashes --strip-extras --no-header --no-annotate

.PHONY: demo lab lint check test coverage bench docs lock wheel bundle changelog clean
.DELETE_ON_ERROR:

# Each lock is installed once, with the hashes of its files; a changed lock installs again.
$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "crimeloc needs Python 3.11 or newer; try: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: $(VENV)/bin/python requirements.lock pyproject.toml
	$(PIP) install --require-hashes -r requirements.lock
	$(PIP) install --no-deps -e .
	@touch $@

$(VENV)/.installed-%: $(VENV)/.installed requirements-%.lock
	$(PIP) install --require-hashes -r requirements-$*.lock
	@touch $@

# Kernels are compiled when they are first used, and kept; tests begin with them compiled.
$(VENV)/.compiled: $(VENV)/.installed
	@$(BIN)/crimeloc demo --out $(VENV)/compiled.html >/dev/null
	@touch $@

demo: $(VENV)/.installed
	@$(BIN)/crimeloc demo
	@touch $(VENV)/.compiled

lab: $(VENV)/.installed-lab
	$(BIN)/jupyter lab notebooks

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check $(CHECKED)
	$(BIN)/ruff format --check $(CHECKED)
	$(BIN)/lint-imports --no-cache
	$(BIN)/mypy

check: lint $(VENV)/.compiled
	$(BIN)/python -m pytest -n 2 --dist worksteal -m "not slow and not browser and not notebook"

test: lint $(VENV)/.compiled
	$(BIN)/python -m pytest -n 2 --dist worksteal

# From Python 3.12 on, coverage listens to the interpreter instead of stepping through each line;
# before that it takes about twice the time of the tests, so it is asked for by name.
coverage: $(VENV)/.installed-dev $(VENV)/.compiled
	COVERAGE_CORE=$$($(BIN)/python -c 'import sys; print("sysmon" * (sys.version_info >= (3, 12)))') \
		$(BIN)/python -m pytest -n 2 --dist worksteal --cov --cov-report=
	@echo "Coverage of crimeloc: $$($(BIN)/coverage report --format=total) %"

bench: $(VENV)/.installed-dev $(VENV)/.installed-bench
	@for script in tests/benchmarks/bench_*.py; do echo "== $$script"; $(BIN)/python $$script || exit 1; done

docs: $(VENV)/.installed-dev
	$(BIN)/python -m sphinx -W --keep-going -b html docs docs/_build/html

# Pins with hashes, for all systems and for Python 3.11 and up; no address of a registry is written.
LOCK := $(UV) --upgrade --universal --python-version 3.11 --fork-strategy fewest
lock: $(VENV)/.installed-dev
	$(LOCK) -o requirements.lock pyproject.toml
	$(LOCK) --extra lab -c requirements.lock -o requirements-lab.lock pyproject.toml
	$(LOCK) --extra dev -c requirements-lab.lock -o requirements-dev.lock pyproject.toml
	$(LOCK) --extra bench -c requirements-dev.lock -o requirements-bench.lock pyproject.toml

wheel: $(VENV)/.installed-dev
	rm -rf dist/crimeloc-*.whl dist/crimeloc-*.tar.gz
	$(BIN)/python -m build --outdir dist .

# A folder that installs without a network: make bundle PLATFORM=win_amd64 FOR=3.12
# PLATFORM is win_amd64, linux_x86_64, macosx_14_0_arm64 and the like; FOR is the Python over there.
PLATFORM ?= win_amd64
FOR ?= 3.12
SYSTEM := $(if $(findstring win_,$(PLATFORM)),windows,$(if $(findstring macosx,$(PLATFORM)),macos,linux))
TAGS := $(if $(findstring linux_,$(PLATFORM)),$(foreach old,2_28 2_27 2_26 2_24 2_17 2_12 2_5,\
	manylinux_$(old)_$(PLATFORM:linux_%=%)) manylinux2014_$(PLATFORM:linux_%=%),$(PLATFORM))
BUNDLE := dist/crimeloc-$(PLATFORM)-py$(FOR)
bundle: wheel
	rm -rf $(BUNDLE) && mkdir -p $(BUNDLE)
	$(UV) --python-platform $(SYSTEM) --python-version $(FOR) -c requirements.lock \
		-o $(BUNDLE)/requirements.txt pyproject.toml
	$(PIP) download --no-deps --only-binary=:all: $(TAGS:%=--platform %) --python-version $(FOR) \
		--require-hashes -d $(BUNDLE) -r $(BUNDLE)/requirements.txt
	cp dist/crimeloc-*.whl bundle/* $(BUNDLE)

# What changed, from the fragments in docs/changes into CHANGELOG.md: make changelog VERSION=0.2.0
changelog: $(VENV)/.installed-dev
	$(BIN)/towncrier build --yes $(if $(VERSION),--version $(VERSION))

clean:
	rm -rf $(VENV) build dist docs/_build .coverage .pytest_cache .mypy_cache .ruff_cache .hypothesis
