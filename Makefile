# The only command list. `make run` and `make test` do all of their own set-up.
# On a fresh Debian: python3 (3.11 or newer), python3-venv, make and git are enough.

PYTHON ?= python3
TASK = @command -v $(PYTHON) >/dev/null 2>&1 || { echo "Rapport needs Python 3.11 or newer: apt-get install python3 python3-venv" >&2; exit 1; }; \
	exec $(PYTHON) tools/task.py

# An option counts only when it is given on make's command line: some shells export HOST for their own ends.
option = $(if $(filter command,$(origin $(1))),$(2) "$($(1))")

.PHONY: help run cluster test check bench faults gen lock wheel
.DEFAULT_GOAL := help

help: ## This list
	@sed -n 's/^\([a-z]*\): ## \(.*\)/  make \1\t\2/p' Makefile | expand -t 16

run: ## Start Rapport with a demo company; HOST=0.0.0.0 PORT=8000 CERT=file KEY=file DATA=folder
	$(TASK) run $(call option,DATA,--data) $(call option,HOST,--host) $(call option,PORT,--port) \
		$(call option,CERT,--certificate) $(call option,KEY,--key)

cluster: ## The same on 2 databases, 3 NATS, 6 nodes and a balancer, on this machine; PORT=8000 DATA=folder
	$(TASK) cluster $(call option,DATA,--data) $(call option,PORT,--port)

test: ## Everything that must hold before a commit; ARGS="tests/features/customers" runs those tests alone
	$(TASK) test

check: ## All but the tests: ruff, format, imports, pyright, web; ARGS="ruff web" runs those alone
	$(TASK) check

bench: ## What it costs, as ratios to a floor measured in the same run; ARGS="send" measures that line alone
	$(TASK) bench

faults: ## Break a server and a cluster under load, again and again, and count what was acknowledged
	$(TASK) faults

gen: ## Write docs/reference anew from the types: OpenAPI, AsyncAPI and the page of frames
	$(TASK) gen

lock: ## Write requirements.lock anew from pyproject.toml; ARGS="--upgrade-package name"
	$(TASK) lock

wheel: ## Build dist/rapport_server-*.whl with the web apps inside
	$(TASK) wheel
