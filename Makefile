# Every command of the project. `make` alone lists them.

.DEFAULT_GOAL := help
.PHONY: help env up kafka postgres demo test bench bench-delivery bench-quality bench-replay check faults protos protos-check format lint types imports unit train clean

PYTHON ?= $(firstword $(foreach p,python3.13 python3.12 python3.11 python3,$(if $(shell $(p) -c 'import sys; print(sys.version_info >= (3, 11) or "")' 2>/dev/null),$(p),)))
UV_VERSION := 0.13.9
BIN := .venv/bin
# Tools find their plugins (protoc-gen-mypy) beside them.
export PATH := $(CURDIR)/.venv/bin:$(PATH)

help:  ## Show the commands
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

env: .venv/.ready  ## Make the environment from the lock file

.venv/.ready: uv.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed; set PYTHON=/path/to/python3"; exit 2; }
	@echo "Making the environment in .venv with $(PYTHON): one minute the first time"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip --upgrade >/dev/null
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check "uv==$(UV_VERSION)"
	@VIRTUAL_ENV=$(CURDIR)/.venv $(BIN)/uv sync --frozen --inexact --active
	@touch $@

up: env  ## Start every service on this machine, and say where it listens
	@exec $(BIN)/qyzmet up

kafka: env  ## Run an Apache Kafka broker on port 9092 (java; the first time also Maven)
	@exec $(BIN)/python -m deploy.kafka

demo: env  ## Send 30 requests in three languages through a running system
	@$(BIN)/qyzmet demo

postgres: env  ## Run PostgreSQL for development, in var/postgres, and say how to use it
	@exec $(BIN)/python -m deploy.postgres

train: env  ## Train the bundled model: live where none is, else beside it
	@$(BIN)/qyzmet train

test: trained  ## Run all tests, two files at a time, and then faults, which want the machine for themselves
	$(BIN)/pytest -q -n 2 --dist loadfile tests/unit tests/contract tests/integration
	$(BIN)/pytest -q -n 2 --dist loadfile tests/browser tests/e2e
	$(BIN)/pytest -m "not many" tests/faults

faults: trained  ## Break every part many times under load (an hour), and end with the ledger of each
	$(BIN)/pytest -s tests/faults

.PHONY: trained
trained: env
	@echo "training the model that tests ask, unless it is there already: two minutes"
	@$(BIN)/python -m tests.trained

check: static unit  ## Format, lint, types, import contracts, protos, unit tests: under a minute

.PHONY: static
static: env format-check lint types imports protos-check  ## What `check` does without running a test

format: env  ## Write the code in the house's form
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

.PHONY: format-check
format-check:
	$(BIN)/ruff format --check --quiet .

lint:
	$(BIN)/ruff check --quiet .
	$(BIN)/buf lint

types:
	$(BIN)/mypy --no-error-summary

imports:
	$(BIN)/lint-imports --no-logo

unit:
	@echo "unit tests, with SQLite only: make test repeats those of the stores on PostgreSQL"
	$(BIN)/pytest --quiet -n 2 -k "not postgresql" tests/unit

protos: env  ## Generate the code of protos/ anew
	rm -rf protos/gen/qyzmet
	$(BIN)/python -m grpc_tools.protoc -Iprotos \
	  --python_out=protos/gen --mypy_out=quiet:protos/gen \
	  --grpc_python_out=protos/gen --mypy_grpc_out=quiet:protos/gen \
	  $$(find protos/qyzmet -name '*.proto' | sort)

protos-check: env  ## Fail if the generated code is stale
	@$(BIN)/python -m tests.protos_fresh

words: env  ## Bring the catalogues of the pages' words up to what templates and code say
	$(BIN)/python -m tests.page_words

bench-pages: env  ## Measure pages: a first visit, people who type, followed cases, each page at 100,000 cases
	$(BIN)/python -m benchmarks.pages

bench-audit: env  ## Measure the log of decisions and the answers of analysts, each over a million
	$(BIN)/python -m benchmarks.audit

TEXT ?= text
LABEL ?= label
AGENCY ?= agency
bench: env  ## Measure rates, times, memory and growth in one run (half an hour), embedded and on servers
	$(BIN)/python -m benchmarks.bench

DATA ?= ../shared/data
bench-quality: env  ## Measure the classifier on its own test, and on public data in DATA, beside its peers
	@VIRTUAL_ENV=$(CURDIR)/.venv $(BIN)/uv sync --frozen --inexact --active --group peers
	$(BIN)/python -m benchmarks.quality "$(DATA)"
	$(BIN)/python -m benchmarks.ablation

bench-replay: env  ## Train on FILE's first 80 %, send 2,000 of its last 10 % through the system
	$(BIN)/python -m benchmarks.replay "$(FILE)" --text "$(TEXT)" --label "$(LABEL)" --agency "$(AGENCY)"

bench-delivery: env  ## Read the streams of a hundred offices at once, one of them stuck, under load
	$(BIN)/python -m benchmarks.delivery

clean:  ## Remove the environment, the data of this machine and what was built
	rm -rf .venv var build dist
