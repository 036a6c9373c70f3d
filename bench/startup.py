"""From `numberline serve --demo` to the first 200 on /healthz; target: under 2 s."""

import statistics
import time

from bench.processes import serving

RUNS = 5


def main() -> None:
    times_s = []
    for _ in range(RUNS):
        started = time.perf_counter()
        with serving("--demo"):
            times_s.append(time.perf_counter() - started)
    median_s = statistics.median(times_s)
    spread = f"{min(times_s):.2f} to {max(times_s):.2f}"
    print(f"first 200 after {median_s:.2f} s (median of {RUNS}, {spread}); target under 2 s")


if __name__ == "__main__":
    main()
