# Two commands do everything on a fresh machine: `make demo` and `make test`. CONTRIBUTING.md has the plain lines.

PYTHON ?= python3
PYTEST_ARGS ?=
# Two processes, each with engines of its own.
WORKERS ?= -n 2

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
PINS := pyproject.toml constraints.txt

# A stamp is newer than what it was made from exactly when there is nothing to install.
CREATED := $(VENV)/.created
INSTALLED := $(VENV)/.installed
TESTABLE := $(VENV)/.testable
COMPILED := $(VENV)/sqlglot-compiled
COMPILED_STAMP := $(COMPILED)/.installed

# What runs again on the compiled sqlglot: everything but Spark, the slow BigQuery evaluator and packaging.
COMPILED_MARKERS := not spark and not bigquery and not packaging and not slow

.PHONY: help demo test lint test-stock test-compiled golden check format clean
.DELETE_ON_ERROR:

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-16s%s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(INSTALLED)  ## install into .venv and find the first anomalies
	$(BIN)/sqlnomaly demo

test: lint  ## linters, then the whole suite, then its fast part on the compiled sqlglot
	@$(MAKE) --no-print-directory test-stock
	@$(MAKE) --no-print-directory test-compiled

lint: $(TESTABLE)  ## ruff, mypy strict, import-linter
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test-stock: $(TESTABLE)  ## the whole suite on the pure-Python sqlglot
	SQLNOMALY_SQLGLOT=pure $(BIN)/pytest $(WORKERS) $(PYTEST_ARGS)

test-compiled: $(TESTABLE) $(COMPILED_STAMP)  ## the suite's fast part on the compiled sqlglot
	SQLNOMALY_SQLGLOT=compiled PYTHONPATH=$(COMPILED) $(BIN)/pytest $(WORKERS) -m "$(COMPILED_MARKERS)" $(PYTEST_ARGS)

golden: $(TESTABLE)  ## regenerate the golden SQL in sql/
	$(BIN)/python -m docs

check: lint  ## linters, and that the golden SQL is what the code generates; writes nothing
	$(BIN)/python -m docs --check

format: $(TESTABLE)  ## sort imports and apply ruff's safe fixes
	$(BIN)/ruff check --fix .

clean:  ## remove .venv and every cache
	rm -rf $(VENV) dist build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis

$(CREATED):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "sqlnomaly needs Python 3.11 or later: make PYTHON=python3.12 .." >&2; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@touch $@

$(INSTALLED): $(CREATED) $(PINS)
	$(PIP) install -c constraints.txt -e .
	@touch $@

$(TESTABLE): $(CREATED) $(PINS)
	$(PIP) install -c constraints.txt -e '.[test]'
	@touch $(INSTALLED) $@

# `sqlglot[c]` is sqlglot and, of the same version, sqlglotc, whose extension modules land inside sqlglot's own
# folder. A copy beside the environment, put first on the path, leaves the pure one as it is.
$(COMPILED_STAMP): $(TESTABLE)
	rm -rf $(COMPILED)
	$(PIP) install -c constraints.txt --no-deps --only-binary sqlglotc --target $(COMPILED) sqlglot sqlglotc
	@touch $@
