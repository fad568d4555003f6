# What a newcomer types: `make demo`, `make test`. Everything else: `make help`.
SWIFT ?= swift
CONFIGURATION ?= debug
BIN = .build/$(CONFIGURATION)
# A release runs on a machine without Swift; a debug build shares what the tests build.
FLAGS = $(if $(filter release,$(CONFIGURATION)),--static-swift-stdlib)

# The lab needs root.
SUDO = $(if $(filter 0,$(shell id -u)),,sudo)

.PHONY: help setup build demo demo-virtual test lint format bench crds clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 14

setup: ## install the Debian packages that are missing
	@scripts/setup

build: setup ## build the two executables
	$(SWIFT) build -c $(CONFIGURATION) $(FLAGS) --product netloom
	$(SWIFT) build -c $(CONFIGURATION) $(FLAGS) --product netloom-cni

demo: build ## run the whole story on this machine and clean up
	@$(SUDO) $(BIN)/netloom demo $(DEMO_FLAGS)

demo-virtual: build ## the same for virtual networks: overlays, router, service chain
	@$(SUDO) $(BIN)/netloom demo virtual $(DEMO_FLAGS)

test: setup ## every test: units, real components, the Kubernetes contract, the demo
	@scripts/test

lint: ## format, and who may import whom
	$(SWIFT) format lint --strict --recursive --parallel Package.swift Sources Tests
	@scripts/check-levels

format: ## format the sources in place
	$(SWIFT) format --in-place --recursive --parallel Package.swift Sources Tests

bench: setup ## measure, beside the peers; see docs/benchmarks.md
	@scripts/bench

crds: ## write the generated manifests of config/crds anew
	$(SWIFT) run -q netloom crds --directory config/crds

clean: ## remove what was built
	rm -rf .build
