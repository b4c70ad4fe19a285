"""Runs the cases of this folder, each a named kind of fault; each file beside this one that has
SIZES and run() is a case.

    run.py [--size quick|budget|full] [CASE...]

Without a CASE: all, one after the other. Environment: SEED (random; printed), and what a case has
in its SIZES, in capitals (KILLS=1000, CUTS=20, POINTS=10, JOBS=1).
"""
import argparse
import importlib
import os
import random
import sys
import time
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "process"))  # pipeline.py, checker.py, disk_audit.py
CASES = ("kills", "full_speed", "all_at_once", "restart_storm", "crash_points", "power_loss", "disk_full", "disk_errors",
         "slow_disk", "stopped", "clock_jumps", "descriptors",
         "memory_limit", "scale", "reloads", "signals", "partitions", "bad_links",
         "slow_transformer", "times", "stuck_sink", "strangers",
         "rolling_upgrade", "soak")


def settings_of(case, size):
    """The numbers of a case, those of the environment before its own."""
    return {name: type(value)(os.environ.get(name.upper(), value))
            for name, value in case.SIZES[size].items()}


def told(settings):
    return "".join(f" {name.upper()}={value}" for name, value in settings.items())


def run_case(name, size, seed):
    case = importlib.import_module(name)
    settings = settings_of(case, size)
    print(f"case {name}: SEED={seed}{told(settings)}", flush=True)
    began = time.monotonic()
    try:
        summary = case.run(seed, settings)
    except Exception:  # pylint: disable=broad-except
        traceback.print_exc()
        print(f"case {name}: FAILED after {time.monotonic() - began:.0f} s; again: make chaos "
              f"CASE={name} SEED={seed}{told(settings)}", flush=True)
        return False
    print(f"case {name}: passed: {summary}; {time.monotonic() - began:.0f} s", flush=True)
    return True


def main():
    parser = argparse.ArgumentParser(description="Named faults.")
    parser.add_argument("--size", choices=("quick", "budget", "full"))
    parser.add_argument("cases", nargs="*", metavar="CASE")
    options = parser.parse_args()
    unknown = [name for name in options.cases if name not in CASES]
    if unknown:
        parser.error(f"expected a case of {', '.join(CASES)}; found '{unknown[0]}'")
    size = options.size or ("full" if options.cases else "budget")
    seed = int(os.environ.get("SEED") or random.SystemRandom().randrange(1 << 32))
    failed = [name for name in options.cases or CASES if not run_case(name, size, seed)]
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


if __name__ == "__main__":
    sys.exit(main())
