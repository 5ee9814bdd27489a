# Everything a developer runs. Needs Python 3.11 or newer and make; the rest is installed into .venv
# from the hashed locks in requirements/. Variables given to make (EPOS_PORT=9000) reach the server.

PYTHON ?= python3
VENV := .venv
PIP := $(VENV)/bin/python -m pip --disable-pip-version-check -qq

# One process per core, four at most: each has a database of its own, on a PostgreSQL of its own unless
# EPOS_DATABASE_URL names one for all.
TEST_ARGS ?= --numprocesses=logical --maxprocesses=4 --dist=worksteal

# Where it is set, as in many containers, each of the hundreds of processes that the tests start would
# compile the project again.
unexport PYTHONDONTWRITEBYTECODE

SOURCES := src tests migrations openapi examples $(wildcard benchmarks) .ci

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help serve test test-fast test-citus lint format lock openapi examples coverage bench clean install install-dev \
	install-tools

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

# `exec` leaves no shell between make and the server: Ctrl-C and SIGTERM reach it directly.
serve: install ## start PostgreSQL and the server on http://127.0.0.1:8080; Ctrl-C stops both
	@exec $(VENV)/bin/epos serve

test: install-dev ## run the whole test suite (TEST_ARGS="tests/unit -x" for a part)
	$(VENV)/bin/pytest $(TEST_ARGS)

test-fast: install-dev ## run the tests that need no process but PostgreSQL, in two minutes
	$(VENV)/bin/pytest --fast $(TEST_ARGS)

test-citus: install-dev ## run the whole suite on a Citus cluster, built from EPOS_CITUS_DIR; as root
	.ci/citus

lint: install-dev ## check style, format, types and the import rules
	$(VENV)/bin/ruff check $(SOURCES)
	$(VENV)/bin/ruff format --check $(SOURCES)
	$(VENV)/bin/mypy src tests migrations openapi $(wildcard benchmarks)
	$(VENV)/bin/lint-imports --no-logo

format: install-dev ## fix what ruff can fix, then format
	$(VENV)/bin/ruff check --fix --exit-zero $(SOURCES)
	$(VENV)/bin/ruff format $(SOURCES)

openapi: install ## write the documents in openapi/ from the code
	@mkdir -p openapi
	$(VENV)/bin/epos openapi > openapi/epos-data-api.json.new
	mv openapi/epos-data-api.json.new openapi/epos-data-api.json
	$(VENV)/bin/epos openapi --till > openapi/till-api.json.new
	mv openapi/till-api.json.new openapi/till-api.json
	$(VENV)/bin/epos openapi --control > openapi/control-api.json.new
	mv openapi/control-api.json.new openapi/control-api.json

examples: install ## make the examples in the documents anew, from a run against the demo venue
	$(VENV)/bin/python -m openapi.make_examples
	@$(MAKE) --no-print-directory openapi

coverage: install-dev ## write docs/coverage.md: which test and which check show what (runs the tests of the API)
	rm -f var/evidence && mkdir -p var
	EPOS_TEST_EVIDENCE=$(CURDIR)/var/evidence $(VENV)/bin/pytest --fast -q $(TEST_ARGS) tests/api
	EPOS_TEST_EVIDENCE=$(CURDIR)/var/evidence $(VENV)/bin/pytest -q tests/check/test_own_server.py -k over_rest
	$(VENV)/bin/python -m openapi.coverage var/evidence

bench: install-dev ## measure against the ceilings of this machine (BENCH_LARGE=1: a million orders)
	$(VENV)/bin/python -m benchmarks

# Versions that are already locked stay unless UPGRADE=1; the output names no index.
COMPILE = $(VENV)/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header $(if $(UPGRADE),--upgrade)

lock: install-tools ## renew the locks in requirements/ from pyproject.toml (UPGRADE=1: newest versions)
	$(COMPILE) pyproject.toml -o requirements/runtime.txt
	$(COMPILE) pyproject.toml --extra testing -o requirements/testing.txt -c requirements/runtime.txt
	$(COMPILE) --group build -o requirements/build.txt
	$(COMPILE) --group tools -o requirements/tools.txt
	$(COMPILE) --group clients -o requirements/clients.txt
	$(COMPILE) pyproject.toml --group build --group dev -o requirements/dev.txt \
		-c requirements/runtime.txt -c requirements/build.txt

clean: ## remove .venv and caches; the data folder stays
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis build dist
	find src tests openapi .ci -name __pycache__ -type d -prune -exec rm -rf {} +

install: $(VENV)/.epos
install-dev: $(VENV)/.dev $(VENV)/.epos
install-tools: $(VENV)/.tools

# A stamp per lock: nothing is installed twice, and a changed lock is installed by the next command.
$(VENV)/.venv:
	@command -v $(PYTHON) >/dev/null || \
		{ echo "make: '$(PYTHON)' was not found: install Python 3.11 or newer, or name one: make PYTHON=..." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "make: $$($(PYTHON) --version) is too old: install Python 3.11 or newer, or name one: make PYTHON=..." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "make: this Python cannot make virtual environments: install its venv module (Debian, Ubuntu: apt-get install python3-venv)" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.runtime: requirements/runtime.txt requirements/build.txt | $(VENV)/.venv
	@echo "Installing the locked packages into $(VENV) ..." >&2
	@$(PIP) install --require-hashes -r requirements/runtime.txt -r requirements/build.txt
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.runtime
	@echo "Installing the locked development packages into $(VENV) ..." >&2
	@$(PIP) install --require-hashes -r requirements/dev.txt
	@touch $@

$(VENV)/.tools: requirements/tools.txt | $(VENV)/.venv
	@$(PIP) install --require-hashes -r requirements/tools.txt
	@touch $@

# The build backend comes from the lock as well, so nothing is fetched here.
$(VENV)/.epos: pyproject.toml $(VENV)/.runtime
	@$(PIP) install --no-deps --no-build-isolation --no-index --editable .
	@touch $@
