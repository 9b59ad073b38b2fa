# Two commands matter: `make run` sets everything up and runs the plan, `make test` sets everything up and tests it.

PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
PEER_PYTHON ?= $(shell for p in python3.12 python3.11 python3; do $$p -c 'import ensurepip' 2>/dev/null && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
SOURCES := pyproject.toml setup.py emis/_core.pyx emis/_loops.h

.PHONY: run test lint peers bench figures notebook wheel debug clean
.DEFAULT_GOAL := run

run: $(VENV)/.ready
	$(BIN)/emis run scenarios/mentougou/full.yaml

test: $(VENV)/.ready-test
	$(BIN)/python -m pytest benchmarks --benchmark-disable --quiet
	$(BIN)/python -m pytest -n auto --dist loadfile -p no:benchmark

lint: $(VENV)/.ready-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# The libraries that emis exchanges files with open what it writes, and it what they write. They pin what emis does not,
# and primap2 stops at Python 3.12: each has an interpreter of its own under .peers.
peers: $(VENV)/.ready-test .peers/pyam/.ready .peers/primap2/.ready
	$(BIN)/python -m pytest tests/interchange/test_peers.py -p no:benchmark

# The table of ratios, printed and put into benchmarks/README.md; BENCH="--shapes city" and the like narrow it.
bench: $(VENV)/.ready-bench
	$(BIN)/python benchmarks/ratios.py $(BENCH)

# The example notebook, run anew in place.
notebook: $(VENV)/.ready-test
	$(BIN)/python docs/notebooks/execute.py docs/notebooks/mentougou.ipynb

# The two figures that README.md shows.
figures: run
	cp results/full/figures/targets.svg results/full/figures/waterfall.svg docs/figures/

wheel: $(VENV)/.ready-test
	$(BIN)/python -m build --wheel

# The kernels with bounds checks, and the tests that run them.
debug: $(VENV)/.ready-test
	EMIS_DEBUG=1 $(BIN)/python setup.py build_ext --inplace --force
	$(BIN)/python -m pytest tests/unit/test_core.py tests/unit/test_shapley.py tests/unit/test_projection.py tests/unit/test_verbs.py
	$(BIN)/python setup.py build_ext --inplace --force

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "emis needs Python 3.11 or later"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip

$(VENV)/.ready: $(VENV)/bin/python $(SOURCES)
	PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet --editable ".[report]"
	@touch $@

$(VENV)/.ready-test: $(VENV)/bin/python $(SOURCES)
	PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet --editable ".[test,lint]"
	@touch $@ $(VENV)/.ready

$(VENV)/.ready-bench: $(VENV)/.ready-test
	PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet --editable ".[bench]"
	@touch $@

.peers/pyam/.ready: PACKAGES = "pyam-iamc==3.5.0" "nomenclature-iamc==0.32.0" "sqlalchemy<2.1" "openpyxl>=3.1,<4"
.peers/primap2/.ready: PACKAGES = "primap2==0.13.0"
.peers/%/.ready:
	$(PEER_PYTHON) -m venv .peers/$*
	.peers/$*/bin/python -m pip install --quiet $(PACKAGES)
	@touch $@

clean:
	rm -rf $(VENV) .peers build dist *.egg-info emis/_core.c emis/*.so
