# Two commands: `make run` starts the demo at http://127.0.0.1:8000, `make test` proves that everything works.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

# The tools below import the settings; nothing is stored under this secret.
check messages: export LEEWARD_SECRET_KEY = only-for-the-checks-of-the-code-itself

.PHONY: run test test-postgres check bench train evaluate setup lock messages schema format wheel clean
.DEFAULT_GOAL := help

help:
	@echo "make run     set everything up and start the demo at http://127.0.0.1:8000"
	@echo "make test    set up what the tests need and run them"
	@echo "make test-postgres  the server's tests on a PostgreSQL of their own"
	@echo "make check   formatting, lint, types, layers, migrations, message catalogues"
	@echo "make bench   speed against peers, in one run"
	@echo "make train   make the model files again from data (TRAINING_DATA=folder)"

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Leeward needs Python 3.11 or newer: install it, then run 'make $(MAKECMDGOALS) PYTHON=python3.11'."; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "Install the venv module (Debian: apt-get install python3-venv)."; rm -rf $(VENV); exit 1; }

$(VENV)/.base: requirements/base.txt pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary=:all: -r requirements/base.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.base
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@

$(VENV)/.%: requirements/%.txt $(VENV)/.dev
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/$*.txt
	@touch $@

setup: $(VENV)/.dev

run: $(VENV)/.base
	$(BIN)/leeward up --demo

test: $(VENV)/.dev
	@tools/need-chromium
	$(BIN)/python -m pytest -n 2 --dist loadfile $(ARGS)

test-postgres: $(VENV)/.dev
	tools/with-postgres $(BIN)/python -m pytest -n 2 --dist loadfile tests/server $(ARGS)

check: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/djlint --check --lint --quiet src/leeward/server
	$(BIN)/python -m leeward.server makemigrations --check --dry-run
	$(BIN)/python tools/messages.py check

format: $(VENV)/.dev
	$(BIN)/ruff format . && $(BIN)/ruff check --fix .
	$(BIN)/djlint --reformat --quiet src/leeward/server; true

messages: $(VENV)/.dev
	$(BIN)/python tools/messages.py update

bench: $(VENV)/.bench
	$(BIN)/python -m benchmarks

train: $(VENV)/.train
	$(BIN)/python -m training.encoder --data $(or $(TRAINING_DATA),training/data) --teach training/work/teacher.npz
	$(BIN)/python -m training.train --data $(or $(TRAINING_DATA),training/data) --teacher training/work/teacher.npz

evaluate: $(VENV)/.bench
	$(BIN)/python -m training.evaluate --data $(or $(TRAINING_DATA),training/data) --card docs/model-card.md
	$(BIN)/python -m training.simulate

wheel: $(VENV)/.base
	$(BIN)/python -m pip wheel --no-deps --wheel-dir dist .

lock:
	for name in base dev bench train; do \
	  uv pip compile --quiet --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate \
	    -o requirements/$$name.txt requirements/$$name.in; done

clean:
	rm -rf $(VENV) var dist build
