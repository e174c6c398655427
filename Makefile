# make quickstart   the whole line on the embedded synthetic corpus, minutes on two cores
# make generator    what is not done of the quickstart, then two generators, on the stock encoder and on the quickstart's: do bodies obey?
# make test         the whole test suite, in the same environment
# make test-min     the suite on the lowest versions that pyproject.toml declares, in .venv-min: PYTHON=python3.10 chooses the lowest Python too
# make quality      lint, format and types
# make docs         the pages of docs/ and the API as a site, in build/docs

PYTHON ?= python3
VENV := .venv
LOWEST := .venv-min
BIN := $(VENV)/bin
# What is imported is compiled then, by all cores; the rest never.
PIP := $(BIN)/python -m pip install --quiet --no-compile --constraint constraints.txt
RUN := runs/quickstart

.PHONY: quickstart generator test test-min quality docs clean
.DELETE_ON_ERROR:

# Each stamp says which extras the environment holds; pyproject.toml or constraints.txt newer than it installs again.
$(VENV)/.base: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(PIP) --editable ".[quickstart]"
	touch $@

$(VENV)/.generator: $(VENV)/.base
	$(PIP) --editable ".[quickstart,generation]"
	touch $@

$(VENV)/.test: $(VENV)/.base
	$(PIP) --editable ".[quickstart,test]"
	touch $@

# pip has no way to the lowest versions, uv has.
$(LOWEST)/.test: pyproject.toml constraints-min.txt
	$(PYTHON) -m venv --clear $(LOWEST)
	$(LOWEST)/bin/python -m pip install --quiet uv
	$(LOWEST)/bin/uv pip install --quiet --python $(LOWEST)/bin/python --resolution lowest-direct \
		--constraint constraints-min.txt --editable ".[quickstart,test]"
	touch $@

$(VENV)/.quality: $(VENV)/.test
	$(PIP) --editable ".[quickstart,test,quality]"
	touch $@

# Ruff lays out the API's signatures.
$(VENV)/.docs: $(VENV)/.base
	$(PIP) --editable ".[quickstart,quality,docs]"
	touch $@

quickstart: $(VENV)/.base
	$(BIN)/python -m mate_hf.quickstart.words $(RUN)

generator: $(VENV)/.generator
	$(BIN)/python -m mate_hf.quickstart.bodies $(RUN)

test: $(VENV)/.test
	$(BIN)/python -m pytest -n logical --dist worksteal

test-min: $(LOWEST)/.test
	$(LOWEST)/bin/python -m pytest -n logical --dist worksteal

quality: $(VENV)/.quality
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m mypy

docs: $(VENV)/.docs
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict

clean:
	rm -rf $(VENV) $(LOWEST) runs build
