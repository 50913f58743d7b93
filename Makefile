# Works from a fresh clone at any path, as root or not, with uv or with pip alone.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

VENV   := .venv
PYTHON := $(VENV)/bin/python
STAMPS := $(VENV)/.stamps
UV     := $(shell command -v uv 2>/dev/null)
# The first interpreter of a supported version that runs; PY=/path/to/python3.12 chooses another.
SUPPORTED := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))
PY ?= $(shell for v in python3.11 python3.12 python3.13 python3; do \
        $$v -c '$(SUPPORTED)' 2>/dev/null && { command -v $$v; break; }; done)

TRANSLATIONS := $(wildcard portal/translations/*/LC_MESSAGES/*.po)
CATALOGUES   := $(TRANSLATIONS:.po=.mo)
DEMO_HOME    ?= $(CURDIR)/var/demo

# Hundreds of processes start during the tests; without it each would compile a thousand modules.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup demo test bench lint format clean browser

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(VENV)/bin/mingan $(CATALOGUES) ## virtual environment, hashed requirements, translations

demo: setup ## a portal with sample cases on 127.0.0.1; prints addresses and logins
	@export MINGAN_HOME="$(DEMO_HOME)" MINGAN_REHEARSAL=1; \
	$(PYTHON) -m portal init --demo && exec $(PYTHON) -m portal serve

test: setup $(STAMPS)/test browser lint ## everything: style, types, tests (PYTEST_ARGS=… narrows)
	$(PYTHON) -W error -m pytest -n auto --maxprocesses=4 --dist=loadfile --no-loadscope-reorder $(PYTEST_ARGS)

bench: setup $(STAMPS)/test ## measure what must be fast, beside what one would use instead
	@$(PYTHON) -m benchmarks all $(BENCH_ARGS)

lint: $(STAMPS)/test ## style and types
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy

format: $(STAMPS)/test ## bring the code into the house's form
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .

clean: ## remove what the other targets made, except var/ (accounts, cases and keys)
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis mingan.egg-info $(CATALOGUES)
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(PYTHON):
	$(if $(PY)$(UV),,$(error needs Python 3.11, 3.12 or 3.13))
ifneq ($(UV),)
	$(UV) venv --quiet --allow-existing $(if $(PY),--python $(PY)) $(VENV)
else
	$(PY) -m venv $(VENV)
endif

$(STAMPS)/run: requirements.lock | $(PYTHON)
	$(call install,requirements.lock)
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/test: requirements-test.lock | $(STAMPS)/run
	$(call install,requirements-test.lock)
	@mkdir -p $(STAMPS) && touch $@

# What an editable install does, without a build: the checkout on the path, and the command.
$(VENV)/bin/mingan: Makefile | $(STAMPS)/run
	@echo "$(CURDIR)" > "$$($(PYTHON) -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/mingan.pth"
	@printf '%s\n' '#!/bin/sh' 'exec "$$(dirname "$$0")/python" -m portal "$$@"' > $@
	@chmod +x $@

# Every file is checked against the hash in the lock, whatever index it comes from.
ifneq ($(UV),)
install = $(UV) pip install --quiet --python $(PYTHON) --require-hashes --no-deps -r $(1)
else
install = $(PYTHON) -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r $(1)
endif

%.mo: %.po | $(STAMPS)/run
	$(VENV)/bin/pybabel compile -i $< -o $@

# Chromium and a Chinese font for the browser tests, where the system may be asked for them. Never
# an error: without them those tests are skipped and counted.
browser:
	@tests/install-browser || true
