# One target a purpose, the same by hand and in CI.
PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
MANAGE := $(BIN)/python -W error manage.py

.PHONY: help setup run dev test test-services check check-site check-deploy check-faults bench format lock clean

help:  ## What each target is for
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 14

.venv/core.stamp: requirements/core.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; try make PYTHON=python3.12")' || { rm -rf .venv; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/core.txt
	@touch $@

.venv/dev.stamp: .venv/core.stamp requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@

.env:
	@umask 077 && { echo "# Settings of this machine; docs/operating.md names them all."; \
	  echo "SECRET_KEY=$$($(PYTHON) -c 'import secrets; print(secrets.token_urlsafe(50))')"; \
	  echo "SITE_URL=http://127.0.0.1:8000"; } > $@

var/static:
	@mkdir -p $@

setup: .venv/core.stamp .env var/static  ## Make the environment in .venv

run: setup  ## Serve the site with a demo log on http://127.0.0.1:8000 (or PORT=8001)
	@SITE_URL=http://127.0.0.1:$(PORT) sh -e -c '\
	  $(MANAGE) migrate --verbosity 0; \
	  $(MANAGE) collectstatic --noinput --verbosity 0; \
	  $(MANAGE) load_demo; \
	  $(MANAGE) make_editor; \
	  exec $(BIN)/gunicorn --config bulletin/gunicorn_conf.py --no-control-socket --bind 127.0.0.1:$(PORT) bulletin.wsgi'

dev: .venv/dev.stamp .env var/static  ## Django's reloading server
	@$(MANAGE) migrate --verbosity 0
	@DEBUG=true SITE_URL=http://127.0.0.1:$(PORT) $(MANAGE) runserver 127.0.0.1:$(PORT)

test: .venv/dev.stamp var/static  ## The whole suite (ARGS="-k grid" for a part)
	$(BIN)/python -m pytest -n 2 $(ARGS)
	$(BIN)/python -m pytest -n 2 --ds=tests.login.settings tests/login tests/observe

test-services: .venv/dev.stamp var/static  ## What touches them on PostgreSQL, Redis and S3, started for it (needs postgresql and redis-server)
	$(BIN)/python -m tests.servers postgresql redis s3 -- $(BIN)/python -m pytest -n 2 -m "database and not browser" $(ARGS)

check: .venv/dev.stamp var/static  ## Format, lint, types, migrations, deployment settings, walls
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	SECRET_KEY=$$($(PYTHON) -c 'import secrets; print(secrets.token_urlsafe(50))') SITE_URL=https://log.example.org sh -e -c '\
	  for extras in "" on; do \
	    export LOGIN_EXTRA=$${extras:-off}; \
	    export OBSERVE_EXTRA=$${extras:-off} METRICS_TOKEN=$$SECRET_KEY; \
	    $(MANAGE) makemigrations --check --dry-run; \
	    $(MANAGE) check --deploy --fail-level WARNING; \
	  done'
	$(BIN)/lint-imports

SITE := tests/site
$(SITE)/node_modules/.package-lock.json: $(SITE)/package-lock.json
	@for it in java node npm chromium; do command -v $$it >/dev/null || \
	  { echo "check-site needs $$it: apt install default-jre-headless nodejs npm chromium"; exit 1; }; done
	npm ci --prefix $(SITE) --ignore-scripts --no-audit --no-fund
	@touch $@

PAGES ?= all
check-site: .venv/dev.stamp $(SITE)/node_modules/.package-lock.json  ## The demo site from without: links, HTML, axe, Lighthouse (PAGES=kinds for one page a kind)
	$(BIN)/python -m pytest -c $(SITE)/pytest.ini $(SITE) --pages=$(PAGES) $(ARGS)

check-deploy: .venv/dev.stamp  ## The files of deploy/, and the topology that they describe as processes on this machine
	$(BIN)/python -m pytest -c tests/deploy/pytest.ini tests/deploy $(ARGS)

check-faults: .venv/dev.stamp  ## Break what the site stands on and print what was seen
	$(BIN)/python -m pytest -c tests/faults/pytest.ini tests/faults $(ARGS)

.venv/bench.stamp: .venv/dev.stamp requirements/bench.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bench.txt
	@touch $@

bench: .venv/bench.stamp  ## All benchmarks, as ratios (some need wrk, nginx, PostgreSQL; half an hour)
	@for subject in page_cache memory render picture markdown scale; do \
	  echo "## $$subject"; $(BIN)/python -m benchmarks.$$subject || exit 1; echo; done

format: .venv/dev.stamp  ## Put the code in order
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

UV_COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
  --no-emit-index-url --no-emit-find-links --no-annotate --custom-compile-command "make lock" pyproject.toml
lock: .venv/dev.stamp  ## Renew requirements/*.txt from pyproject.toml (UPGRADE=--upgrade for newer releases)
	$(UV_COMPILE) $(UPGRADE) -o requirements/core.txt
	$(UV_COMPILE) $(UPGRADE) --extra login -c requirements/core.txt -o requirements/login.txt
	$(UV_COMPILE) $(UPGRADE) --extra services -c requirements/core.txt -o requirements/services.txt
	$(UV_COMPILE) $(UPGRADE) --extra observe -c requirements/core.txt -o requirements/observe.txt
	$(UV_COMPILE) $(UPGRADE) --extra login --extra services --extra observe --group dev -c requirements/core.txt -o requirements/dev.txt
	$(UV_COMPILE) $(UPGRADE) --group bench -c requirements/dev.txt -o requirements/bench.txt

clean:  ## Remove the environment and what it made, but not the data in var/
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache $(SITE)/node_modules
