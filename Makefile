# OCR Fleet on one machine. Every target first installs what is missing; that is quick when nothing is.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help demo up down status test test-live check format definitions soak bench eval

python := .venv/bin/python
bootstrap := @deploy/local/bootstrap.sh

help:  ## Show this list
	@awk -F':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

demo:  ## Start the stack and read a sample page through the REST API; writes result.*
	$(bootstrap) run
	@deploy/local/demo.sh

up:  ## Start the stack in the background; returns when it is ready and leaves .local/env
	$(bootstrap) run
	@$(python) -m deploy.local up

down:  ## Stop the stack; what it stored stays in .local/
	@if [ -x $(python) ]; then $(python) -m deploy.local down; fi

status:  ## List the stack's processes
	$(bootstrap) run
	@$(python) -m deploy.local status

# Three processes on two cores: much of the time a test waits. Modules are compiled once, and not by each
# of the hundreds of processes that tests start, even where the environment says otherwise.
test: export PYTHONDONTWRITEBYTECODE :=
test:  ## Run all tests against a real broker and database of their own; ARGS="-k name" goes to pytest
	$(bootstrap) test
	@$(python) -m pytest tests --numprocesses 3 $(ARGS)

test-live:  ## Ask your own model what any good one can do: set ANTHROPIC_API_KEY or ANTHROPIC_BASE_URL
	$(bootstrap) test
	@$(python) -m pytest tests/system --live $(ARGS)

check:  ## Lint, format, types, import contracts, generated documents current
	$(bootstrap) check
	$(python) -m ruff check .
	$(python) -m ruff format --check .
	$(python) -m mypy --strict common front workers deploy
	.venv/bin/lint-imports --no-logo
	$(python) -m deploy.rabbitmq --check
	$(python) -m front.http.reference --check
	.venv/bin/openapi-spec-validator --schema 3.1 docs/openapi.json
	NODE_PATH=.local/lint/node_modules .venv/bin/node deploy/lint/asyncapi.cjs docs/asyncapi.json
	$(python) -m deploy.grafana --check
	.venv/bin/node .local/lint/node_modules/dclint/bin/dclint.cjs --max-warnings 0 compose.yaml compose.partners.yaml
	.venv/bin/hadolint deploy/images/Dockerfile
	$(python) -m kubernetes_validate --strict --no-warn --quiet $(filter-out %/kustomization.yaml,$(wildcard deploy/kubernetes/*.yaml))

format:  ## Format the code and put the imports in order
	$(bootstrap) check
	$(python) -m ruff check --fix .
	$(python) -m ruff format .

definitions:  ## Write the generated documents anew
	$(bootstrap) check
	$(python) -m deploy.rabbitmq
	$(python) -m front.http.reference
	$(python) -m deploy.grafana

soak:  ## Run the long tests: faults, money, several replicas (at most 40 minutes)
	$(bootstrap) test
	@$(python) -m pytest tests --soak $(ARGS)

bench:  ## Measure speed, latency and memory, beside peers
	$(bootstrap) bench
	@$(python) -m tests.bench $(ARGS)

eval:  ## Measure accuracy: make eval EVAL=dir (a folder of sets)
	$(bootstrap) test
	@test -n "$(EVAL)" || { echo "Name a folder of sets: make eval EVAL=dir" >&2; exit 2; }
	@$(python) -m tests.eval "$(EVAL)" $(ARGS)
