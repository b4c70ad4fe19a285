# The daily verbs. Each is one line of help, one recipe, and works in a fresh clone.

.PHONY: help run build test lint asan tsan chaos bench conformance fuzz coverage clean

CTEST := ctest --output-on-failure --no-tests=error -j 2 --test-dir

help:  ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' Makefile

run:  ## build, then run config/mime.yaml on this machine: a real XML file to NDJSON
	@scripts/setup build run
	@scripts/build release docmill docmill-producer docmill-transformer docmill-sink
	@build/release/bin/docmill run config/mime.yaml

build:  ## everything, optimised, into build/release
	@scripts/setup build
	@scripts/build release

test:  ## build everything and run all tests
	@scripts/setup build run test
	@scripts/test-data
	@scripts/build release
	@$(CTEST) build/release

lint:  ## clang-format, clang-tidy (files that differ from BASE, default origin/main), house rules
	@scripts/setup build lint
	@scripts/build release
	@scripts/lint
	@build/release/bin/house_test

asan:  ## unit, document and process tests with the address and undefined-behaviour sanitizers
	@scripts/setup build run test
	@scripts/test-data
	@scripts/build asan
	@ASAN_OPTIONS=strict_string_checks=1:detect_stack_use_after_return=1 \
	UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 \
	$(CTEST) build/asan -L '^(unit|document|process)$$'

tsan:  ## unit and process tests with the thread sanitizer
	@scripts/setup build run test
	@scripts/build tsan
	@TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1:suppressions=$(CURDIR)/tests/support/tsan.supp \
	$(CTEST) build/tsan -L '^(unit|process)$$'

chaos:  ## kills, crash points, power cuts, bad disks ...: make chaos CASE=kills SEED=1 KILLS=1000
	@scripts/setup build run test
	@scripts/build release docmill docmill-producer docmill-transformer docmill-sink power_loss slow_worker
	@scripts/chaos

bench:  ## docmill beside pipelines without promises, in turn; splitting beside expat; memory on 2 GB
	@scripts/setup build run test
	@scripts/build release docmill docmill-producer docmill-transformer docmill-sink bare packed split
	@bench/run
	@bench/run --promise --workers 2
	@bench/components
	@bench/split-and-memory

conformance:  ## the W3C XML Conformance Suite, judged by docmill and three other parsers (WRITE=1: into docs/)
	@scripts/setup build test
	@scripts/test-data
	@scripts/build release conformance
	@build/release/bin/conformance build/data/xml-conformance/build/dist tests/conformance/differences.txt \
	docs/conformance.md $(if $(WRITE),--write)

fuzz:  ## libFuzzer and mutations, at length: make fuzz SECONDS=600 MUTATIONS=10000000 SEED=7
	@scripts/setup build run test fuzz
	@scripts/test-data
	@scripts/build fuzz fuzz_guard fuzz_splitter fuzz_converter fuzz_json_reader fuzz_json_splitter fuzz_edits
	@scripts/build release test_mutations
	@scripts/fuzz

coverage:  ## how much of the protocol core and the stores their tests run, line by line; at least 95 %
	@scripts/setup build test coverage
	@scripts/build coverage test_protocol test_store test_simulation
	@scripts/coverage

clean:  ## remove build/; state/ and out/ are data and stay
	@rm -rf build
