# The commands of the project; each sets up what it needs by itself.
PYTHON := .venv/bin/python
# Tests and servers start many processes: compiled modules are kept, whatever the machine says.
export PYTHONDONTWRITEBYTECODE :=

# What exercises agendas, API and definitions: their own tests, and those of who calls them.
COVERING := tests/agendas tests/api tests/workflows tests/journeys tests/manager tests/fuzz tests/tasks tests/settings \
	tests/ops/test_doctor.py tests/test_house.py

.PHONY: help setup demo check style check-tests test test-all coverage mutants bench soak lint audit docs screenshots messages

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## only the set-up: .venv with everything for development
	@scripts/setup.sh requirements/dev.txt

demo: ## everything with demo agendas, on SQLite, without Redis; PORT=8100 uses other ports
	@scripts/setup.sh requirements/runtime.txt
	@$(PYTHON) scripts/demo.py

check: setup ## the inner loop: style, types, and the tests that need no server, browser or worker, on SQLite
	@$(MAKE) --no-print-directory --jobs 2 --output-sync=target style check-tests

test: setup ## the suite: on SQLite and PostgreSQL, with Redis, workers and Chromium
	@scripts/system_deps.sh
	@$(PYTHON) scripts/test.py

test-all: setup ## the suite with what is slow and rare: large races, long property tests, soak, the wheel in a clean environment
	@scripts/system_deps.sh
	@$(PYTHON) scripts/test.py --all

style: setup ## ruff, types, directions of imports
	@$(PYTHON) -m ruff check .
	@$(PYTHON) -m ruff format --check .
	@$(PYTHON) -m mypy
	@.venv/bin/lint-imports --no-cache

check-tests: setup
	@$(PYTHON) scripts/test.py --check

lint: style audit ## style and types, and what is known about the libraries

audit: setup ## known vulnerabilities of the pinned libraries; says so when nobody can be asked
	@$(PYTHON) scripts/audit.py

coverage: setup ## branches of agendas, API and definitions that tests reach, on both databases; fails below 95 %
	@scripts/system_deps.sh
	@$(PYTHON) -m coverage erase
	@$(PYTHON) -m coverage run scripts/test.py $(COVERING)
	@$(PYTHON) -m coverage combine --quiet
	@$(PYTHON) -m coverage report

mutants: setup ## small errors planted in slots, signatures and locks, and which of them no test sees; PARTS="slots" only these
	@$(PYTHON) scripts/mutants.py $(PARTS)

bench: setup ## each figure beside its limit or peer; PARTS="lists holds" measures only these, FULL=1 takes longer, PEERS=1 runs a peer too
	@scripts/system_deps.sh
	@$(PYTHON) -m scripts.bench $(PARTS) $(if $(FULL),--full) $(if $(PEERS),--peers)

soak: setup ## a mixed load while everything is killed in turn, then what must hold; MINUTES=30 takes longer
	@scripts/system_deps.sh
	@$(PYTHON) -m scripts.soak $(if $(MINUTES),--minutes $(MINUTES))

docs: setup ## the documentation as a site, in site/
	@.venv/bin/zensical build --strict --clean

screenshots: setup ## the pictures of the documentation, from the demo
	@scripts/system_deps.sh
	@$(PYTHON) scripts/screenshots.py

messages: setup ## the texts of the interface: gathered, sorted, compiled; says what is not translated
	@scripts/system_deps.sh
	@$(PYTHON) scripts/messages.py
