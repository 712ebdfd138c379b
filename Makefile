# The commands of the project; each sets up what it needs by itself.
PYTHON := .venv/bin/python

# What exercises agendas, API and definitions: their own tests, and those of who calls them.
COVERING := tests/agendas tests/api tests/workflows tests/journeys tests/manager tests/fuzz tests/tasks tests/settings \
	tests/ops/test_doctor.py tests/test_house.py

.PHONY: setup demo test coverage mutants bench soak lint audit docs screenshots messages

setup: ## .venv with everything, for development
	@scripts/setup.sh requirements/dev.txt

demo: ## everything with demo agendas, on SQLite, without Redis
	@scripts/setup.sh requirements/runtime.txt
	@$(PYTHON) scripts/demo.py

bench: setup ## each figure beside its limit or peer; PARTS="lists holds" measures only these, FULL=1 takes longer, PEERS=1 runs a peer too
	@scripts/system_deps.sh
	@$(PYTHON) -m scripts.bench $(PARTS) $(if $(FULL),--full) $(if $(PEERS),--peers)

soak: setup ## a mixed load while everything is killed in turn, then what must hold; MINUTES=30 takes longer
	@scripts/system_deps.sh
	@$(PYTHON) -m scripts.soak $(if $(MINUTES),--minutes $(MINUTES))

screenshots: setup ## the pictures of the documentation, from the demo
	@scripts/system_deps.sh
	@$(PYTHON) scripts/screenshots.py

messages: setup ## the texts of the interface: gathered, sorted, compiled; says what is not translated
	@scripts/system_deps.sh
	@$(PYTHON) scripts/messages.py

docs: setup ## the documentation as a site, in site/
	@.venv/bin/zensical build --strict --clean

lint: setup ## ruff, types, directions of imports, and what is known about the libraries
	@$(PYTHON) -m ruff check .
	@$(PYTHON) -m ruff format --check .
	@$(PYTHON) -m mypy
	@.venv/bin/lint-imports --no-cache
	@$(PYTHON) scripts/audit.py

audit: setup ## known vulnerabilities of the pinned libraries; says so when nobody can be asked
	@$(PYTHON) scripts/audit.py

test: setup ## all tests, on SQLite and PostgreSQL
	@scripts/system_deps.sh
	@$(PYTHON) scripts/test.py

coverage: setup ## branches of agendas, API and definitions that tests reach, on both databases; fails below 95 %
	@scripts/system_deps.sh
	@$(PYTHON) -m coverage erase
	@$(PYTHON) -m coverage run scripts/test.py $(COVERING)
	@$(PYTHON) -m coverage combine --quiet
	@$(PYTHON) -m coverage report

mutants: setup ## small errors planted in slots, signatures and locks, and which of them no test sees; PARTS="slots" only these
	@$(PYTHON) scripts/mutants.py $(PARTS)
