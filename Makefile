# Sáng Kiến. `make help` says what each target does.
PYTHON ?= python3
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help demo serve test check format bench messages lock clean

help: ## Say what each target does
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1|/' | column -t -s '|'

demo: $(BIN)/.installed ## Load phase 1 of the real programme (once) and serve it on 127.0.0.1:8000 (PORT=…)
	@$(BIN)/sangkien demo $(ARGS)

serve: $(BIN)/.installed ## Serve the database that is there, with the worker, without loading anything
	@$(BIN)/sangkien serve --with-worker $(ARGS)

test: $(BIN)/.installed-dev ## Run every test (browser tests need Chromium)
	@$(BIN)/python -m pytest -n 2 --dist loadfile $(ARGS)

check: $(BIN)/.installed-dev ## Run what CI checks besides tests: style, types, imports, templates, migrations, catalogues
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(BIN)/djlint --lint --quiet sangkien/web/templates
	$(BIN)/python -m django makemigrations --check --dry-run --settings=tests.settings

format: $(BIN)/.installed-dev ## Bring sources into the house's form
	$(BIN)/ruff check --fix --quiet .
	$(BIN)/ruff format --quiet .

bench: $(BIN)/.installed-dev ## Measure every budget at full size (ONLY=name for one row)
	@$(BIN)/python -m bench $(if $(ONLY),--only $(ONLY))

messages: $(BIN)/.installed-dev ## Bring the translation catalogues up to date with the sources
	$(BIN)/python -m sangkien.ops.messages extract
	$(BIN)/python -m sangkien.ops.messages compile

lock: $(BIN)/.installed-dev ## Lock the newest requirements that fit, with hashes
	$(BIN)/python -m pip install --quiet pip-tools
	for name in base dev services; do $(BIN)/pip-compile --quiet --upgrade --generate-hashes --allow-unsafe --strip-extras \
	  --no-emit-index-url --no-emit-find-links --no-emit-options --no-header \
	  --output-file requirements/$$name.txt requirements/$$name.in; done

clean: ## Remove the virtual environment and everything loaded (var/)
	rm -rf .venv var

# The environment: what serving needs, and on top of it what building needs.
$(BIN)/.installed: requirements/base.txt pyproject.toml
	@echo "Installing into .venv"
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed: make demo PYTHON=python3.12")'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --require-hashes -r requirements/base.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(BIN)/.installed-dev: requirements/dev.txt $(BIN)/.installed
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@
