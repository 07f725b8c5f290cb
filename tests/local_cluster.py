"""A cluster of two worker processes on this machine: prints its address, ends when its input does."""

from __future__ import annotations

import sys


def main() -> None:
    """Serve until the input ends; the library is an extra that not everybody has."""
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=":0", memory_limit="1GiB", silence_logs=50
    ) as cluster:
        print(cluster.scheduler_address, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
