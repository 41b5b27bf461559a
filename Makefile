# Everything a developer or an operator of a demonstration types. `make` alone lists it.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test dev bench web fmt clean-data

help: ## list these commands
	@sed -nE 's/^([a-z-]+):.*## (.*)/make \1\t\2/p' Makefile | expand -t 18

run: ## build a release and serve the demonstration institution on http://127.0.0.1:8080
	@echo "==> 1/4 looking for what is missing on this machine"
	@scripts/install.sh run
	@echo "==> 2/4 building styles and scripts"
	@$(MAKE) --no-print-directory web
	@echo "==> 3/4 building the program (the first time takes some minutes)"
	@cargo build --release --locked -p zhendi-server
	@echo "==> 4/4 starting with the data in data/demo; Ctrl-C ends it, 'make clean-data' forgets it"
	@exec $${CARGO_TARGET_DIR:-target}/release/zhendi demo --data data/demo

test: ## check and test everything; the last line is "N passed, N failed"
	@scripts/test.sh

dev: ## serve the demonstration institution from data/dev, rebuilt on every change
	@scripts/dev.sh

bench: ## run the benches, naming machine and date
	@scripts/bench.sh

web: web/dist ## build styles and scripts into web/dist, if they changed
	@:

fmt: ## format the Rust code
	@cargo fmt --all

clean-data: ## forget the data of `make run` and `make dev`
	rm -rf data/demo data/dev

WEB_SOURCES := $(shell find web -type f -not -path 'web/node_modules/*' -not -path 'web/dist/*')

web/dist: web/node_modules/.package-lock.json $(WEB_SOURCES)
	npm --prefix web run --silent build
	@touch $@

# npm writes this file when it has installed exactly what the lock file says.
%/node_modules/.package-lock.json: %/package-lock.json %/package.json
	PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm --prefix $* ci --no-audit --no-fund
	@touch $@
