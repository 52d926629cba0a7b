# Every command does the set-up that it needs; a second run finds it done.
PREFIX ?= /usr/local

help:
	@echo 'make demo      from a fresh clone to Law 1 on a real model, and report.html'
	@echo 'make test      everything: set-up, build, tests, clang-tidy, sanitizers (PARTS="release lint" for some)'
	@echo 'make build     the program alone: build/release/landauer'
	@echo 'make install   into PREFIX (now $(PREFIX)); DESTDIR as usual'
	@echo 'make bench     landauer measured: parity with llama-bench, sampler, memory, store'
	@echo 'make coverage  line coverage of the rooms that make the figures'
	@echo 'make format    lays the sources out as .clang-format says'
	@echo 'make clean     removes build/ (the caches stay)'

demo:
	@tools/demo.sh $(ARGS)

test:
	@tools/test.sh $(PARTS)

build:
	@tools/deps.sh build
	@tools/deps.sh clang || true
	@if [ -x tools/js.sh ]; then tools/js.sh >/dev/null; fi
	cmake --preset release
	cmake --build build/release --target landauer landauer_embed --parallel $$(nproc)

install: build
	DESTDIR=$(DESTDIR) cmake --install build/release --prefix $(PREFIX)

bench:
	@tools/bench.sh $(BENCHES)

coverage:
	@tools/coverage.sh

format:
	@tools/format.sh

clean:
	rm -rf build

.PHONY: help demo test build install bench coverage format clean
