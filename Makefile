# make plan    plans examples/llm-platform.yaml        make test    runs the tests        make docs    writes what is made from code
# Both make .venv first; PYTHON=python3.11 names an interpreter, else the newest Python >= 3.11 that works is taken.

WORKS = -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))'
PYTHON ?= $(shell for p in python3.15 python3.14 python3.13 python3.12 python3.11 python3; do \
	$$p $(WORKS) >/dev/null 2>&1 && { echo $$p; break; }; done)
BIN := .venv/bin
INSTALLED := .venv/installed-with-$(notdir $(PYTHON))
TOOLS := .venv/tools-with-$(notdir $(PYTHON))
MADE := .venv/made-with-$(notdir $(PYTHON))
# what is never imported need not be compiled
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile

.PHONY: plan test lint docs clean
.NOTPARALLEL: # plan and test install into one .venv

plan: $(INSTALLED)
	$(BIN)/planner plan examples/llm-platform.yaml
	@echo "The report: out/llm-platform/report.html"

test: $(TOOLS)
	$(BIN)/python -m pytest -n 2 --dist worksteal

lint: $(TOOLS)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

docs: $(INSTALLED)
	$(BIN)/python docs/generate.py

clean:
	rm -rf .venv out

$(MADE): pyproject.toml
	@test -n "$(PYTHON)" || { echo "No Python >= 3.11 with venv was found; name one: make plan PYTHON=/path/to/python" >&2; exit 1; }
	@$(PYTHON) $(WORKS) || { echo "$(PYTHON) is not a Python >= 3.11 with venv" >&2; exit 1; }
	$(PYTHON) -m venv --clear .venv
	@touch $@

$(INSTALLED): $(MADE)
	$(PIP) --editable .
	@touch $@

$(TOOLS): $(MADE)
	$(PIP) --editable '.[dev]'
	@touch $(INSTALLED) $@
