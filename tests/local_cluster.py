"""Clusters on this machine. Run as a script: two worker processes, ends when its input does."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager


class Parts:
    """A scheduler and workers that are processes of their own, to be stopped and killed one by one."""

    def __init__(self, scheduler: subprocess.Popen[bytes], address: str) -> None:
        self.scheduler = scheduler
        self.address = address
        self.workers: list[subprocess.Popen[bytes]] = []

    def hire(self, environment: Mapping[str, str] | None = None) -> subprocess.Popen[bytes]:
        """Start a worker that nobody replaces, and return it when the scheduler knows it."""
        from distributed import Client

        words = [self.address, "--no-nanny", "--no-dashboard", "--nthreads", "1"]
        self.workers.append(_started("worker", words, environment))
        with Client(self.address, set_as_default=False) as client:
            client.wait_for_workers(sum(one.poll() is None for one in self.workers), timeout=60)
        return self.workers[-1]

    def dismiss(self) -> None:
        """Kill every worker."""
        for worker in self.workers:
            worker.kill()
            worker.wait(60)


@contextmanager
def cluster_of_parts(environment: Mapping[str, str] | None = None) -> Iterator[Parts]:
    """Give a scheduler without workers."""
    scheduler = _started("scheduler", ["--host", "127.0.0.1", "--port", "0", "--no-dashboard"], environment)
    try:
        assert scheduler.stderr
        while b"Scheduler at:" not in (line := scheduler.stderr.readline()):
            assert line, "the scheduler has ended"
        parts = Parts(scheduler, line.split()[-1].decode())
        try:
            yield parts
        finally:
            parts.dismiss()
    finally:
        scheduler.kill()
        scheduler.communicate()


def _started(
    kind: str, words: list[str], environment: Mapping[str, str] | None = None
) -> subprocess.Popen[bytes]:
    told = subprocess.PIPE if kind == "scheduler" else subprocess.DEVNULL
    return subprocess.Popen(
        [sys.executable, "-P", "-m", f"distributed.cli.dask_{kind}", *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=told,
        env=environment,
    )


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
