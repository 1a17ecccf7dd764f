# make evaluate: the study, from a fresh machine to the verdict and reports/evaluate.html. make test: every check.
SHELL := bash
NOTEBOOKS := $(wildcard notebooks/*.ipynb)
IPA := node dist/cli/main.js

# A Python with torch, torchvision and nvidia-ml-py; without one it is made.
GPU_PYTHON := .venv-gpu/bin/python

.PHONY: help evaluate verdict notebooks report test fuzz lab bench instruments peers video-gpu calibration-replays \
	artifact docs first-hour trovi build clean setup

help:
	@echo "make evaluate   install what is missing, run the study, write reports/evaluate.html"
	@echo "make verdict    the study's verdict alone: needs Node.js and no Python"
	@echo "make test       install what is missing, run every check"
	@echo "make fuzz       10,000 damaged inputs for every reader (an hour; FUZZ_RUNS and FUZZ_SEED change it)"
	@echo "make notebooks  execute every notebook and write a report of each"
	@echo "make report     write reports/*.html again from the executed notebooks"
	@echo "make lab        open JupyterLab with the TypeScript kernel"
	@echo "make bench      timing, as ratios measured in one run"
	@echo "make instruments  made-up energies of which the right label is known, 200 draws; writes its table (half an hour)"
	@echo "make peers      what CodeCarbon and Zeus say of the windows of docs/peers.md; writes its table (3 minutes)"
	@echo "make calibration-replays  replays of calibrations on the measured data sets (an hour and a half)"
	@echo "make video-gpu  on a machine with an NVIDIA GPU: measure the Video pipeline (three hours), then the notebooks"
	@echo "make artifact   run every claim of ARTIFACT.md and write today's values into it"
	@echo "make docs       the documents and the API reference as a site in site/"
	@echo "make first-hour as root: a newcomer's first hour on a bare Debian 12; writes docs/first-hour.md"
	@echo "make trovi      the archive for Chameleon's Trovi, in reports/"
	@echo "make clean      remove what the other targets made (not data/derived, not the notebooks)"

# The verdict first: it needs neither Python nor Chromium. What will be absent is said before any work. Where everything is
# installed the notebook begins beside the verdict; an installation beside it would only keep the verdict waiting.
evaluate:
	@scripts/setup.sh preflight
	@if scripts/setup.sh installed; then \
		node scripts/build.mjs && { \
			$(IPA) report notebooks/evaluate.ipynb --execute & report=$$!; trap 'kill $$report; exit 130' INT TERM; \
			$(IPA) evaluate || { kill $$report; exit 1; }; wait $$report; }; \
	else \
		$(MAKE) --no-print-directory verdict && \
		{ scripts/setup.sh report-or-say && $(MAKE) --no-print-directory build && $(IPA) report notebooks/evaluate.ipynb --execute || test $$? = 3; }; \
	fi

verdict:
	@scripts/setup.sh verdict
	@node scripts/build.mjs --verdict
	@$(IPA) evaluate

notebooks: setup build
	@$(IPA) report $(NOTEBOOKS) --execute

report: setup build
	@$(IPA) report $(NOTEBOOKS)

test: setup build
	@scripts/setup.sh prometheus mlserver
	@TEST_RESULTS=test-results.json npx vitest run

fuzz: build
	@FUZZ_RUNS=$${FUZZ_RUNS:-10000} npx vitest run test/fuzz

lab: build
	@scripts/setup.sh lab
	@$(IPA) lab

bench: build
	@for file in $(filter-out bench/peers.ts bench/instruments.ts,$(wildcard bench/*.ts)); do echo "== $$file"; npx tsx "$$file"; done

# The table stays in data/derived/instruments.json, with its seed and commit; DRAWS=20 for a shorter run.
instruments: build
	@npx tsx bench/instruments.ts $(or $(DRAWS),200)

peers: build
	@scripts/setup.sh peers
	@npx tsx bench/peers.ts --write

# Stopped midway it goes on where it was.
video-gpu: build
	@test -x $(GPU_PYTHON) || (python3 -m venv .venv-gpu && .venv-gpu/bin/pip install torch torchvision nvidia-ml-py)
	@PATH="$$(dirname "$$(realpath -s "$(GPU_PYTHON)")"):$$PATH" $(IPA) measure video-gpu --dataset data/raw/video-gpu
	@scripts/setup.sh node jupyter chromium
	@$(IPA) report $(addprefix notebooks/,video-gpu.ipynb evaluate.ipynb energy-aware-ipa.ipynb) --execute

# Replays of calibrations (docs/calibration.md): an hour and a half on one core. SEEDS=50 for narrower percentiles.
REPLAY := $(IPA) calibrate --json --replay
DERIVED := data/derived/calibration
calibration-replays: build
	@$(REPLAY) data/raw/edgetune --curve --seeds $(or $(SEEDS),50) > $(DERIVED)/edgetune.jsonl
	@$(REPLAY) data/raw/gaissa-slm --curve --seeds $(or $(SEEDS),50) > $(DERIVED)/gaissa-slm.jsonl
	@$(REPLAY) data/raw/mlperf-edge --curve --selection all --seeds $(or $(SEEDS),6) > $(DERIVED)/mlperf-edge.jsonl
	@$(REPLAY) data/raw/mlenergy --seeds $(or $(SEEDS),2) > $(DERIVED)/mlenergy.jsonl
	@$(REPLAY) data/raw/batchdvfs --seeds $(or $(SEEDS),2) > $(DERIVED)/batchdvfs.jsonl
	@$(REPLAY) data/raw/dl-energy-cnn --seeds $(or $(SEEDS),4) > $(DERIVED)/dl-energy-cnn.jsonl
	@$(REPLAY) data/raw/edgetune --for map --method knowledge-gradient --seeds $(or $(SEEDS),6) > $(DERIVED)/map.jsonl
	@$(REPLAY) data/raw/gaissa-slm --for map --method knowledge-gradient --seeds $(or $(SEEDS),6) >> $(DERIVED)/map.jsonl
	@$(REPLAY) data/raw/mlperf-edge --for map --method knowledge-gradient --selection all --seeds $(or $(SEEDS),3) >> $(DERIVED)/map.jsonl

artifact: setup build
	@node scripts/artifact.mjs

docs: build
	@scripts/setup.sh docs
	@node .tools/docs/node_modules/typedoc/bin/typedoc --options scripts/docs/typedoc.json
	@node scripts/docs/links.mjs site

first-hour:
	@scripts/first-hour.sh

trovi:
	@scripts/trovi.sh

build:
	@scripts/setup.sh node
	@node scripts/build.mjs

setup:
	@scripts/setup.sh node jupyter chromium

clean:
	rm -rf dist node_modules .tools .venv .venv-gpu .jupyter reports site test-results.json
