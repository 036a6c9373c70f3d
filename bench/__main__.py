"""Runs the benchmarks, one after another: python -m bench [NAME ...]."""

import importlib
import sys
import time

BENCHES = ("startup", "search_http", "rentals", "webhooks", "index", "stock_import")


def main() -> None:
    chosen = sys.argv[1:] or BENCHES
    unknown = set(chosen) - set(BENCHES)
    if unknown:
        sys.exit(f"no such benchmark: {', '.join(sorted(unknown))}; there are {', '.join(BENCHES)}")
    started = time.perf_counter()
    for name in chosen:
        module = importlib.import_module(f"bench.{name}")
        sys.argv = [f"bench.{name}"]
        headline = (module.__doc__ or name).splitlines()[0]
        print(f"\n== {name}: {headline}", flush=True)
        module.main()
    print(f"\nall in {time.perf_counter() - started:.0f} s")


if __name__ == "__main__":
    main()
