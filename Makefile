# Everything runs in a cache outside this folder; tools/bootstrap.sh makes it
# (Odoo 19, PostgreSQL, Chromium, a Python) on the first use of any target.
RUN := tools/bootstrap.sh
TEST := $(RUN) tools/run_tests.py
# Arguments for pytest, for example: make test-odoo ARGS="-k payment"
ARGS :=
PYTEST_ARGS = $(if $(ARGS),-- $(ARGS))

.DEFAULT_GOAL := help
.PHONY: help runtime demo demo-reset stop test test-unit test-simulator test-core test-odoo \
	test-lifecycle test-faults test-hostile test-e2e test-long bench lint format i18n screenshots wheel clean

help: ## This list
	@sed -n 's/^\([a-z0-9-]*\):.*## /  \1\t/p' $(firstword $(MAKEFILE_LIST)) | expand -t 20

runtime: ## Prepare Odoo 19, PostgreSQL, Chromium and Python (the others do it too)
	@$(RUN)

demo: ## Odoo with the addon and a stand-in Urssaf, left running
	@$(RUN) tools/cli.py demo

demo-reset: ## The same, from scratch
	@$(RUN) tools/cli.py demo --reset

stop: ## Stop the demo and its PostgreSQL
	@$(RUN) --stop

test: ## Every test but test-long, with it if LONG=1; the last line counts them
	@$(TEST) $(if $(LONG),--long)

test-unit: ## The pure-Python library, without Odoo; ARGS="--random-order" shuffles
	@$(TEST) unit $(PYTEST_ARGS)

test-simulator: ## The stand-in Urssaf
	@$(TEST) simulator $(PYTEST_ARGS)

test-core: ## The addon's own tests, with Odoo's --test-enable alone
	@$(TEST) core

test-odoo: ## The addon on a real Odoo
	@$(TEST) odoo $(PYTEST_ARGS)

test-faults: ## Every misbehaviour of the Urssaf in every operation
	@$(TEST) faults $(PYTEST_ARGS)

test-hostile: ## Every field and method attacked by those who may not
	@$(TEST) hostile $(PYTEST_ARGS)

test-lifecycle: ## Install, upgrade, uninstall
	@$(TEST) lifecycle

test-e2e: ## A real browser on a real Odoo
	@$(TEST) e2e $(PYTEST_ARGS)

test-long: ## Processes killed while they send, and a crowd at the same invoices
	@$(TEST) long $(PYTEST_ARGS)

bench: ## Speed, against bounds and rivals; NAMES="send" for some of it
	@$(RUN) benchmarks/run.py $(NAMES)

lint: ## The hooks of .pre-commit-config.yaml, without network
	@$(TEST) lint

format: ## Bring Python, XML, CSS, YAML and Markdown into form
	@$(RUN) tools/checks.py

i18n: ## Write the translation template and bring fr.po up to it
	@$(RUN) tools/i18n.py

screenshots: test-e2e ## Take the README's pictures from the browser test
	@$(RUN) tools/screenshots.py

wheel: ## Build the wheel into dist/
	@rm -rf build # a file that is gone from here would stay in the wheel
	@$(RUN) -m pip wheel --quiet --no-deps --wheel-dir dist .

clean: ## Stop everything and remove the cache folder
	@$(RUN) --clean
