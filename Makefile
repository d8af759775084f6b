# `make lab` and `make test` set up all they need, in .venv and lab-plugin/node_modules, and can be run again at any time.
# PYTHON chooses the interpreter (3.10 or newer) that .venv is made with.

SHELL := /bin/bash
.ONESHELL:
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMPS := .cache/make
PLUGIN := lab-plugin
ENVIRONMENTS := .venv-oldest .venv-rtc
EXTENSION := share/jupyter/labextensions/ai-notebook-ls-lab
CLASSIC := nbextension/ai_notebook_ls
NODE := $(PLUGIN)/node_modules/.package-lock.json
JOBS ?= 2

.PHONY: help lab test test-all fuzz soak checks lint format check-plugin plugin bench docs-pictures looks clean $(ENVIRONMENTS)

help: ## say what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 16

lab: $(STAMPS)/python $(STAMPS)/classic ## open JupyterLab on the example notebook, with everything on
	@echo "== JupyterLab on examples/tour.ipynb (Ctrl-C ends it)"
	$(BIN)/ai-notebook-ls lab examples/tour.ipynb $$([ "$$(id -u)" != 0 ] || echo --allow-root)

# Files stay with one worker, since they share kernels. The longest come first (tests/conftest.py): not in xdist's order.
PYTEST := $(BIN)/python -m pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder

test: checks ## run what must hold before each commit, the browser's included
	@echo "== tests of lab-plugin"
	npm --prefix $(PLUGIN) run --silent test
	@echo "== tests, without the long ones"
	$(PYTEST) -m "not long"

test-all: checks ## run every test there is
	@echo "== all tests"
	npm --prefix $(PLUGIN) run --silent test
	npm --prefix $(PLUGIN) run --silent test:long
	$(PYTEST) -m "not sample"

FUZZ ?= 1000000
fuzz: $(STAMPS)/python ## send FUZZ hostile messages through stdio and WebSocket; each must have its one answer
	$(BIN)/python -m tests.fuzz --messages $(FUZZ)

SOAK ?= 1800
soak: $(STAMPS)/python ## let users work on one server for SOAK seconds; no answer is lost, memory does not grow
	$(BIN)/python -m tests.soak --seconds $(SOAK)

PROGRAMS := $(addprefix $(STAMPS)/,weights chromium bubblewrap sshd)
checks: lint check-plugin $(STAMPS)/python $(ENVIRONMENTS) $(PROGRAMS)

lint: $(STAMPS)/python $(NODE) ## check style and types, of Python and TypeScript
	@echo "== style and types"
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	npm --prefix $(PLUGIN) run --silent lint:check

format: $(STAMPS)/python $(NODE) ## mend style where a tool can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	npm --prefix $(PLUGIN) run --silent lint

plugin: $(NODE) ## build the extension; commit what comes out
	@echo "== building lab-plugin/labextension"
	npm --prefix $(PLUGIN) run --silent build:prod

check-plugin: plugin ## fail if the committed extension is not what the sources build
	git --no-pager diff --stat --exit-code -- $(PLUGIN)/labextension \
	    || { echo "lab-plugin/labextension is not what its sources build: run 'make plugin' and commit it"; exit 1; }
	test -z "$$(git ls-files --others --exclude-standard $(PLUGIN)/labextension)" \
	    || { echo "new files in lab-plugin/labextension are not committed"; exit 1; }

looks: $(STAMPS)/python $(STAMPS)/chromium ## take the small pictures anew that tests compare with; look at them before you commit
	LOOKS=take $(BIN)/python -m pytest -q tests/browser -k main_states

bench: $(STAMPS)/bench ## measure, side by side, and write docs/benchmarks.md
	$(BIN)/python -m benchmarks

docs-pictures: $(STAMPS)/python $(STAMPS)/chromium ## take the pictures of README and docs
	$(BIN)/python -m docs.make_pictures

clean: ## remove what was set up here
	rm -rf $(VENV) $(ENVIRONMENTS) $(STAMPS) $(PLUGIN)/node_modules $(PLUGIN)/lib $(PLUGIN)/tsconfig.tsbuildinfo

# -- setting up --------------------------------------------------------------------------------------------------------

$(addsuffix /pyvenv.cfg,$(VENV) $(ENVIRONMENTS)):
	@echo "== making $(@D)"
	$(PYTHON) -m venv $(@D)

# The built extension is linked, not copied, so that a page shows what was built last. Without the link while pip works:
# pip deletes and writes the files of the last installation, and would do so through it.
define install
rm -rf $(1)/$(EXTENSION)
SKIP_JUPYTER_BUILDER=1 $(1)/bin/python -m pip install --quiet --disable-pip-version-check -e '.[$(2)]'
rm -rf $(1)/$(EXTENSION)
mkdir -p $(STAMPS) $(dir $(1)/$(EXTENSION))
ln -s $(CURDIR)/$(PLUGIN)/labextension $(1)/$(EXTENSION)
touch $@
endef

$(STAMPS)/python: pyproject.toml $(VENV)/pyvenv.cfg
	@echo "== installing ai-notebook-ls and what its tests need (minutes, the first time)"
	$(call install,$(VENV),dev)

$(STAMPS)/bench: $(STAMPS)/python
	@echo "== installing the servers to compare with"
	$(call install,$(VENV),bench)

# Of their own, since one environment holds one JupyterLab, and jupyter-collaboration changes every notebook in its.
$(ENVIRONMENTS): .venv-%: $(STAMPS)/%

$(STAMPS)/oldest: pyproject.toml .venv-oldest/pyvenv.cfg
	@echo "== installing the oldest JupyterLab and Notebook that we support (a minute or two)"
	$(call install,.venv-oldest,oldest)

$(STAMPS)/rtc: pyproject.toml .venv-rtc/pyvenv.cfg
	@echo "== installing real-time collaboration (a minute or two)"
	$(call install,.venv-rtc,rtc)

# Copied, not linked: Jupyter serves no nbextension through a link.
$(STAMPS)/classic: $(wildcard $(CLASSIC)/*) nbextension/nbconfig.json $(STAMPS)/python
	@rm -rf $(VENV)/share/jupyter/nbextensions/ai_notebook_ls
	mkdir -p $(VENV)/share/jupyter/nbextensions $(VENV)/etc/jupyter/nbconfig/notebook.d
	cp -r $(CLASSIC) $(VENV)/share/jupyter/nbextensions/
	cp nbextension/nbconfig.json $(VENV)/etc/jupyter/nbconfig/notebook.d/ai_notebook_ls.json
	touch $@

# npm writes this file, so node_modules that were deleted are installed again.
$(NODE): $(PLUGIN)/package-lock.json
	@echo "== installing the plugin's build tools (minutes, the first time)"
	npm --prefix $(PLUGIN) ci --no-audit --no-fund --loglevel=error
	touch $@

# Without network the tests with a real model are skipped.
$(STAMPS)/weights: $(STAMPS)/python
	@echo "== getting a small model for the tests (93 MB)"
	$(BIN)/python -m tests.providers.small_model || { echo "== no weights: the tests with a real model are skipped"; exit 0; }
	touch $@

# Debian's packages; elsewhere, or without root, any program of that name on the PATH will do.
define program
@if ! command -v $(1) >/dev/null; then
    if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        echo "== installing $(2)"
        { apt-get update -qq
          DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(2) >/dev/null
        } || echo "== $(2) cannot be installed; $(3)"
    else
        echo "== no $(firstword $(1)): install it (apt-get install $(2)); $(3)"
    fi
fi
mkdir -p $(STAMPS)
touch $@
endef

$(STAMPS)/chromium:
	$(call program,chromium chromium-browser google-chrome,chromium fonts-dejavu-core,the browser tests fail without it)

$(STAMPS)/bubblewrap:
	$(call program,bwrap,bubblewrap,the sandbox tests are skipped without it)

# The tests start an sshd of their own; Debian's service must not start because of them.
$(STAMPS)/sshd:
	@if [ "$$(id -u)" = 0 ] && [ -d /etc/dpkg ] && [ ! -e /usr/sbin/policy-rc.d ]; then
	    trap 'rm -f /usr/sbin/policy-rc.d' EXIT
	    install -m 755 /dev/stdin /usr/sbin/policy-rc.d <<< $$'#!/bin/sh\nexit 101'
	fi
	$(call program,sshd /usr/sbin/sshd,openssh-server,the tests of kernels over ssh are skipped without it)
