# Two commands are enough on a fresh machine: `make demo` and `make test`.
# They need Python 3.11 or newer with pip, and nothing else; everything goes into .venv.
# Another interpreter: make setup PYTHON=python3.12

PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.stamp
# PEP 668 and a missing ensurepip do not matter here: the outer pip installs into the virtual environment.
PIP := $(PYTHON) -m pip --python $(BIN)/python -qq --disable-pip-version-check --no-input

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup demo test test-full lint format lock bench docs pictures axe oracles witness clean

help: ## List the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1	\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 18

setup: $(STAMP) ## Make .venv from the hash-pinned lock (instant when nothing changed)
	@echo ".venv is ready; the command is $(BIN)/offboard"

$(STAMP): requirements.lock requirements-dev.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "Offboard needs Python 3.11 or newer, and there is no '$(PYTHON)' here: install it, or name one with PYTHON=…"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Offboard needs Python 3.11 or newer, and '$(PYTHON)' is $$($(PYTHON) -c 'import platform; print(platform.python_version())'): name a newer one with PYTHON=…"; exit 1; }
	@$(PYTHON) -c 'import pip' 2>/dev/null || { echo "Offboard needs pip, and '$(PYTHON)' has none: install it (on Debian: apt-get install python3-pip)"; exit 1; }
	@$(PYTHON) -c 'import venv' 2>/dev/null || { echo "Offboard needs Python's venv module, and '$(PYTHON)' has none: install it (on Debian: apt-get install python3-venv)"; exit 1; }
	@echo "Setting up .venv from requirements-dev.lock …"
	@test -x $(BIN)/python && $(BIN)/python -c '' 2>/dev/null || $(PYTHON) -m venv --clear --without-pip .venv
	@$(PIP) install --require-hashes -r requirements-dev.lock
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

demo: $(STAMP) ## Try the bot in a browser, here and now: no account, nothing leaves this computer
	@$(BIN)/offboard demo

# The quick run always tries the same examples; the full one tries new ones, and prints how to repeat a failure. Three at
# once on two cores, since some tests wait for the pace of a platform.
test: lint ## Run the checks and the quick tests (under 5 minutes)
	$(BIN)/pytest -n 3 --dist worksteal -m "not slow" --hypothesis-seed=0

test-full: lint ## Run everything, the long sets too
	$(BIN)/pytest -n 3 --dist worksteal --durations=10

lint: $(STAMP) ## Run the checks alone: style, types, who may import whom
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(STAMP) ## Put the code into its standard form
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

lock: ## Recompute both lock files from pyproject.toml (needs uv; `make lock UPGRADE=--upgrade` moves the pins)
	@command -v uv >/dev/null || { echo "make lock needs uv: install it (pipx install uv), it is not needed for anything else"; exit 1; }
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --quiet $(UPGRADE) pyproject.toml -o requirements.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --quiet $(UPGRADE) --group dev -c requirements.lock pyproject.toml -o requirements-dev.lock

bench: $(STAMP) ## Measure: run the benchmarks
	$(BIN)/python -m tests.bench

docs: $(STAMP) ## Make what is made from the content again: pages in docs/, transcripts in the READMEs
	$(BIN)/python -m tests.renew

pictures: $(STAMP) ## Make the pictures in docs/pictures again (needs Chromium and fonts-noto-cjk)
	$(BIN)/python -m tests.demo.pictures

axe: .venv/axe-core/axe.min.js ## Fetch axe-core, so that the tests look at the page with it (needs npm)

.venv/axe-core/axe.min.js: $(STAMP)
	@command -v npm >/dev/null || { echo "make axe needs npm: install Node.js, or leave it: the tests then skip that part"; exit 1; }
	@mkdir -p $(@D)/new && cd $(@D)/new && npm pack --silent axe-core@4.14.1 >/dev/null && tar xzf axe-core-*.tgz --strip-components=1 package/axe.min.js
	@mv $(@D)/new/axe.min.js $@ && rm -r $(@D)/new && touch $@

oracles: .venv/wecom-node/.there ## Fetch Tencent's own Node libraries, so that the tests compare WeCom's seal with them (needs npm)

.venv/wecom-node/.there: $(STAMP)
	@command -v npm >/dev/null || { echo "make oracles needs npm: install Node.js, or leave it: the tests then use the recorded messages alone"; exit 1; }
	@mkdir -p $(@D) && cd $(@D) && npm install --silent --no-audit --no-fund --no-save --ignore-scripts --prefix . @wecom/crypto@1.0.1 @wecom/aibot-node-sdk@1.0.7
	@touch $@

witness: .venv/witness/.there ## Fetch what checks our Slack side and was not written here: emulators, types, tables (needs npm)

# package-lock.json pins every npm package by its SHA-512, and npm refuses another; slackblocks is pinned by its SHA-256.
.venv/witness/.there: tests/witness/package.json tests/witness/package-lock.json tests/witness/requirements.txt tests/witness/read_schema.mjs $(STAMP)
	@command -v npm >/dev/null || { echo "make witness needs npm: install Node.js, or leave it: the tests then skip that part"; exit 1; }
	@mkdir -p $(@D) && cp tests/witness/package.json tests/witness/package-lock.json $(@D)
	@cd $(@D) && npm ci --silent --no-audit --no-fund --ignore-scripts
	@$(PIP) install --no-deps --require-hashes --upgrade --target $(@D)/python -r tests/witness/requirements.txt
	@rm -f $(@D)/slack-types.schema.json && node tests/witness/read_schema.mjs $(abspath $(@D)) make >/dev/null
	@touch $@

clean: ## Remove .venv, caches and builds (never a database)
	rm -rf .venv dist build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
