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
FAKESNOW := $(VENV)/fakesnow
FAKESNOW_STAMP := $(FAKESNOW)/.installed
DBT := $(VENV)/dbt
DBT_STAMP := $(DBT)/.installed

# What runs again on another sqlglot: everything but the JVM, servers, the slow BigQuery evaluator and packaging.
FAST := not spark and not connect and not bigquery and not postgres and not redshift and not clickhouse \
	and not packaging and not slow

# What pyproject.toml allows, its lower end, and what constraints.txt pins.
SQLGLOT := $(shell sed -n 's/^ *"\(sqlglot>=[^"]*\)".*/\1/p' pyproject.toml)
LOWEST := $(shell sed -n 's/^ *"sqlglot>=\([^,"]*\).*/\1/p' pyproject.toml)
PINNED := $(shell sed -n 's/^sqlglot==//p' constraints.txt)

.PHONY: help demo test lint environments fakesnow dbt test-whole test-thorough test-pure test-lowest test-newest \
	golden check format clean
.DELETE_ON_ERROR:

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-16s%s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(INSTALLED)  ## install into .venv and find the first anomalies
	$(BIN)/sqlnomaly demo

test: lint  ## linters, the whole suite, then its fast part on the other builds and versions of sqlglot
	@$(MAKE) --no-print-directory test-whole
	@$(MAKE) --no-print-directory test-pure
	@$(MAKE) --no-print-directory test-lowest
	@$(MAKE) --no-print-directory test-newest

lint: $(TESTABLE)  ## ruff, mypy strict, import-linter
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

environments: $(TESTABLE) $(COMPILED_STAMP) $(FAKESNOW_STAMP) $(DBT_STAMP)  ## install everything; with -j, side by side

fakesnow: $(FAKESNOW_STAMP)  ## an environment with what emulates Snowflake

dbt: $(DBT_STAMP)  ## an environment with dbt and its adapters

test-whole: $(TESTABLE) $(FAKESNOW_STAMP) $(DBT_STAMP) $(COMPILED_STAMP)  ## the whole suite on the compiled sqlglot, which is faster
	SQLNOMALY_SQLGLOT=compiled PYTHONPATH=$(COMPILED) $(BIN)/pytest $(WORKERS) $(PYTEST_ARGS)

test-thorough: $(TESTABLE) $(FAKESNOW_STAMP) $(DBT_STAMP) $(COMPILED_STAMP)  ## the whole suite with all of its data: an hour and more
	@$(MAKE) --no-print-directory test-whole PYTEST_ARGS="--thorough $(PYTEST_ARGS)"

test-pure: $(TESTABLE)  ## the suite's fast part on the pure-Python sqlglot
	SQLNOMALY_SQLGLOT=pure $(BIN)/pytest $(WORKERS) -m "$(FAST)" $(PYTEST_ARGS)

test-lowest: $(TESTABLE)  ## golden SQL and the fast part on the lowest sqlglot allowed, unless it is the pinned one
	$(call on_sqlglot,lowest,sqlglot==$(LOWEST))

test-newest: $(TESTABLE)  ## the same on the newest that the registry has
	$(call on_sqlglot,newest,$(SQLGLOT))

# A sqlglot beside the environment, first on the path, pure and then compiled: a changed print shows as a diff of the
# golden SQL, which only the pinned version's is held to; then the fast part of the suite, which runs the statements.
define on_sqlglot
	@set -e; folder=$(VENV)/sqlglot-$(1); rm -rf "$$folder"; \
	$(PIP) install -q --no-deps --target "$$folder" '$(2)' || \
		{ echo "$(2) is not to be had: the $(1) sqlglot is not tested"; [ -z "$$CI" ]; exit; }; \
	version=$$(basename "$$folder"/sqlglot-*.dist-info .dist-info); version=$${version#sqlglot-}; \
	if [ "$$version" = "$(PINNED)" ]; then \
		echo "$(SQLGLOT): the $(1) is $$version, the pinned one; nothing more to test"; exit 0; \
	fi; \
	failed=0; for build in pure compiled; do \
		echo "$(SQLGLOT): the $(1) is $$version, $$build; pinned is $(PINNED)"; \
		if [ $$build = compiled ]; then \
			$(PIP) install -q --no-deps --only-binary sqlglotc --target "$$folder" "sqlglotc==$$version"; \
		fi; \
		PYTHONPATH="$$folder" $(BIN)/python -m sqlnomaly.packs --check || failed=1; \
		SQLNOMALY_SQLGLOT=$$build PYTHONPATH="$$folder" $(BIN)/pytest $(WORKERS) -m "$(FAST)" \
			$(PYTEST_ARGS) || failed=1; \
	done; exit $$failed
endef

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

# fakesnow pins a sqlglot of its own and needs an older connector than the snowflake extra may take.
$(FAKESNOW_STAMP): $(CREATED) tests/engines/fakesnow.txt
	test -x $(FAKESNOW)/bin/python || $(PYTHON) -m venv $(FAKESNOW)
	$(FAKESNOW)/bin/python -m pip --disable-pip-version-check install -r tests/engines/fakesnow.txt
	@touch $@

$(DBT_STAMP): $(CREATED) tests/engines/dbt.txt
	test -x $(DBT)/bin/python || $(PYTHON) -m venv $(DBT)
	$(DBT)/bin/python -m pip --disable-pip-version-check install -r tests/engines/dbt.txt
	@touch $@
