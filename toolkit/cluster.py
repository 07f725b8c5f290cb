"""A crew on many machines: the workers of a dask cluster that somebody has started."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from toolkit import __version__
from toolkit.crew.batches import Watch
from toolkit.crew.guarded import OtherCodeError, code_digest, run_guarded
from toolkit.crew.mapping import Crew, GoneError
from toolkit.settings import CollectionError

MOST = 64  # files a batch; one by one costs four times as much
PATIENCE = 10  # seconds to wait for the scheduler, and for its first worker
LASTS = 5.0  # seconds for which the number of workers is taken to hold
LARGE = "distributed.admin.large-graph-warning-threshold"  # batches are larger than what dask expects


@contextmanager
def cluster_crew(address: str) -> Iterator[Crew]:
    """Give the workers of a cluster as a crew; CollectionError when they cannot be used.

    `address` is that of the scheduler (`tcp://…`, `tls://…`), or its scheduler file.
    """
    try:
        import dask
        from distributed import KilledWorker
    except ImportError as error:
        raise CollectionError("没有安装集群支持，请先运行 pip install 'xlreport[cluster]'。") from error
    for handler in logging.getLogger("distributed").handlers:
        handler.setLevel(logging.CRITICAL)  # what goes wrong is told in a sentence
    with dask.config.set({LARGE: "1 GiB"}), _connected(address) as client:
        _compare_versions(client, address)

        def start(watch: Watch) -> Executor:  # who watches is where the work is
            executor: Executor = client.get_executor(pure=False)
            return executor

        run = partial(run_guarded, code_digest())
        breaks = (KilledWorker,)
        try:
            with Crew(start, _Size(client), most=MOST, run=run, breaks=breaks, distant=True) as crew:
                yield crew
        except GoneError as error:
            raise CollectionError(f"与集群“{address}”的连接中断，没有做完。请检查后重新运行。") from error
        except OtherCodeError as error:
            raise CollectionError(_different(address, "中途加入的")) from error


class _Size:
    """How many tasks a cluster works at, asked again now and then, as workers come and go."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._found = 0
        self._asked = 0.0

    def __call__(self) -> int:
        """Return it."""
        if time.monotonic() - self._asked > LASTS:
            try:
                self._found = sum(self._client.nthreads().values())
            except OSError as error:  # what dask raises of a connection that is lost
                raise GoneError from error
            self._asked = time.monotonic()
        return self._found


@contextmanager
def _connected(address: str) -> Iterator[Any]:
    """Give a client of the cluster; dask has no types."""
    from distributed import Client

    class Closing(Client):
        """A client that is closed where it was opened, and says nothing more when it could not be."""

        def __del__(self) -> None:
            """Leave it."""

    where: dict[str, Any] = {"address": address}
    if Path(address).is_file():
        where = {"scheduler_file": address}
    elif "://" not in address:
        raise CollectionError(
            f"集群地址“{address}”不对，应如 tcp://10.0.0.1:8786，或是调度程序写出的 scheduler.json。"
        )
    try:
        client: Any = Closing(**where, timeout=PATIENCE, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, ValueError, TypeError, RuntimeError) as error:  # of the network, the address, TLS
        raise CollectionError(
            f"连不上集群的调度程序“{address}”；请确认它已经启动，地址、端口（和 TLS 证书）无误。"
        ) from error
    with client:
        try:
            client.wait_for_workers(1, timeout=PATIENCE)
        except TimeoutError as error:
            raise CollectionError(
                f"集群“{address}”没有工作进程；请在各台机器上运行 dask worker {address}。"
            ) from error
        yield client


def _compare_versions(client: Any, address: str) -> None:
    """Refuse workers that would judge otherwise than we do."""
    told: dict[str, Any] = client.run(_probe(), on_error="return")
    for worker, answer in told.items():
        if isinstance(answer, BaseException) or answer is None:
            raise CollectionError(
                f"集群的工作进程 {worker} 上没有安装 xlreport；请装上与本机相同的 {__version__} 版。"
            )
        version, code = answer
        if version != __version__:
            raise CollectionError(
                f"集群的工作进程 {worker} 上是 xlreport {version}，本机是 {__version__}；请装同一版本。"
            )
        if code != code_digest():
            raise CollectionError(_different(address, worker))


def _different(address: str, worker: str) -> str:
    return (
        f"集群“{address}”的工作进程（{worker}）上 xlreport 的程序文件或所用的库与本机不同，"
        "虽然版本号一样；请装同一份程序，并重新启动工作进程。"
    )


def _probe() -> Callable[[], tuple[str, str] | None]:
    """Return what asks a worker for its version; it travels whole, as the worker may not know this module."""

    def probe() -> tuple[str, str] | None:
        try:
            from toolkit import __version__ as version
            from toolkit.crew.guarded import code_digest as digest
        except ImportError:
            try:
                from toolkit import __version__ as version
            except ImportError:
                return None
            return version, ""
        return version, digest()

    return probe
