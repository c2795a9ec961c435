# Two commands on a bare machine with Python 3.11 or newer and make: make demo, make test.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --quiet --disable-pip-version-check
# Where PYTHONDONTWRITEBYTECODE is set, each start of the program would compile it: 0.3 s of CPU.
COMPILE := $(BIN)/python -m compileall -q archiver indexers reports

.PHONY: help demo test check clean dovecot

help:
	@echo "make demo    a sample family's mail, archived and read on this computer alone"
	@echo "make test    the whole test suite; make test ARGS='-k pull' a part of it"
	@echo "make check   ruff, mypy --strict and import-linter"
	@echo "make clean   removes what the others made"
	@echo
	@echo "Another Python than python3: make PYTHON=python3.12 demo"

demo: $(VENV)/demo.stamp
	@$(COMPILE)
	@$(BIN)/python -m demo

test: $(VENV)/test.stamp dovecot
	@$(COMPILE)
	@$(BIN)/python -m pytest -n auto $(ARGS)

check: $(VENV)/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

clean:
	rm -rf $(VENV) demo-output .hypothesis .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@command -v $(PYTHON) >/dev/null 2>&1 || \
	  { echo "Paper Trail needs Python 3.11 or newer, and there is no $(PYTHON) here."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Paper Trail needs Python 3.11 or newer; $(PYTHON) is `$(PYTHON) --version 2>&1`." \
	         "Name another: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@echo "Making a virtual environment in $(VENV) ..."
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
	  echo "The virtual environment could not be made. On Debian and Ubuntu: apt install python3-venv"; \
	  exit 1; }

# One stamp an extra; a changed pyproject.toml installs again. Editable: the code that runs is this.
$(VENV)/%.stamp: pyproject.toml | $(BIN)/python
	@echo "Installing what \"$*\" needs; the first time takes a minute or two ..."
	@$(PIP) install -e '.[$*]'
	@touch $@

# A real IMAP server for the tests, where it may be installed; RUNLEVEL=1 keeps apt from starting it.
dovecot:
	@PATH="$$PATH:/usr/sbin:/usr/local/sbin"; sudo=; \
	if command -v dovecot >/dev/null 2>&1; then exit 0; fi; \
	if [ "`id -u`" != 0 ]; then sudo="sudo -n"; fi; \
	if command -v apt-get >/dev/null 2>&1 && $$sudo true 2>/dev/null; then \
	  echo "Installing Dovecot for the tests ..."; \
	  log=`mktemp`; \
	  { $$sudo apt-get update && $$sudo env RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive \
	    apt-get install -y --no-install-recommends dovecot-imapd; } >"$$log" 2>&1 && \
	    { rm "$$log"; exit 0; }; \
	  tail -n 3 "$$log"; rm "$$log"; \
	fi; \
	echo "Dovecot is not here and could not be installed: no test of TLS, flags and server faults."
