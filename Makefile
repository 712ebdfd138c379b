# The commands of the project; each sets up what it needs by itself.
PYTHON := .venv/bin/python

.PHONY: setup demo test bench lint docs screenshots

setup: ## .venv with everything, for development
	@scripts/setup.sh requirements/dev.txt

demo: ## everything with demo agendas, on SQLite, without Redis
	@scripts/setup.sh requirements/runtime.txt
	@$(PYTHON) scripts/demo.py

bench: setup ## each figure beside its limit or peer; PARTS="lists holds" measures only these, FULL=1 takes longer
	@scripts/system_deps.sh
	@$(PYTHON) -m scripts.bench $(PARTS) $(if $(FULL),--full)

screenshots: setup ## the pictures of the documentation, from the demo
	@scripts/system_deps.sh
	@$(PYTHON) scripts/screenshots.py

docs: setup ## the documentation as a site, in site/
	@.venv/bin/zensical build --strict --clean

lint: setup ## ruff and types
	@$(PYTHON) -m ruff check .
	@$(PYTHON) -m ruff format --check .
	@$(PYTHON) -m mypy
	@.venv/bin/lint-imports --no-cache

test: setup ## all tests, on SQLite and PostgreSQL
	@scripts/system_deps.sh
	@$(PYTHON) scripts/test.py
