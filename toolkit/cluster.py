"""A crew on many machines: the workers of a dask cluster that somebody has started.

Nothing waits without end: workers that are gone have a while to come back, a scheduler to answer.
"""

from __future__ import annotations

import logging
import sys
import time
import warnings
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Mapping
from concurrent.futures import Executor, Future
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from toolkit import __version__
from toolkit.crew.batches import Watch
from toolkit.crew.guarded import OtherCodeError, code_digest, run_guarded
from toolkit.crew.mapping import Crew, GoneError
from toolkit.settings import WAIT, CollectionError

MOST = 64  # files a batch; one by one costs four times as much
PATIENCE = 10  # seconds to wait for the scheduler, for its first worker, and for an answer of all workers
LASTS = 5.0  # seconds for which the number of workers is taken to hold
LARGE = "distributed.admin.large-graph-warning-threshold"  # batches are larger than what dask expects
_AGAIN = "再运行一次，build 会从断的地方接着做"
Answer = TypeVar("Answer")


@contextmanager
def cluster_crew(address: str, wait: int = WAIT) -> Iterator[Crew]:
    """Give the workers of a cluster as a crew; CollectionError when they cannot be used, or no longer.

    `address` is that of the scheduler (`tcp://…`, `tls://…`), or its scheduler file. A cluster that has lost
    all its workers, or does not answer, has `wait` seconds to come back.
    """
    try:
        import dask
        from distributed import KilledWorker
    except ImportError as error:
        raise CollectionError("没有安装集群支持，请先运行 pip install 'xlreport[cluster]'。") from error
    for handler in logging.getLogger("distributed").handlers:
        handler.setLevel(logging.CRITICAL)  # what goes wrong is told in a sentence
    with dask.config.set({LARGE: "1 GiB"}), _connected(address) as client:
        known = _compare(client, address)

        def start(watch: Watch) -> Executor:  # who watches is where the work is
            return _Workers(client)

        try:
            with Crew(
                start,
                _Size(client, address, wait, known),
                most=MOST,
                run=partial(run_guarded, code_digest()),
                breaks=(KilledWorker,),
                distant=True,
                ask=partial(_asked, client, address),
            ) as crew:
                yield crew
        except GoneError as error:
            raise CollectionError(
                f"与集群“{address}”的连接中断，没有做完。请确认调度程序还在运行、网络畅通，{_AGAIN}。"
            ) from error
        except OtherCodeError as error:
            raise CollectionError(_different(address, "中途加入的")) from error


class _Workers(Executor):
    """The workers behind a client as an executor; GoneError when there is no way to them any more."""

    def __init__(self, client: Any) -> None:
        self._executor: Executor = client.get_executor(pure=False)

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Send a call."""
        from distributed.client import ClosedClientError

        try:
            return self._executor.submit(fn, *args, **kwargs)
        except ClosedClientError as error:
            raise GoneError from error

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take what is under way off the list; the workers go on."""
        from distributed.client import ClosedClientError

        with suppress(ClosedClientError):
            self._executor.shutdown(wait=wait and not cancel_futures)


class _Size:
    """How many tasks a cluster works at, asked again now and then, as workers come and go.

    Those that come are asked for their program, as those were that were there at the beginning.
    """

    def __init__(self, client: Any, address: str, wait: int, known: Iterable[str]) -> None:
        self._client = client
        self._address = address
        self._wait = wait
        self._known = set(known)
        self._found = 0
        self._asked = 0.0
        self._seen = time.monotonic()  # when there was a worker last

    def __call__(self) -> int:
        """Return it; CollectionError when there has been no worker for too long, GoneError without answer."""
        if time.monotonic() - self._asked > LASTS:
            self._found = self._now()
            self._asked = time.monotonic()
            if self._found:
                self._seen = self._asked
            elif self._asked - self._seen > self._wait:
                raise CollectionError(
                    f"集群“{self._address}”的工作进程都不在了，等了 {self._wait} 秒没有恢复，没有做完。"
                    f"请在各台机器上重新运行 dask worker {self._address}，{_AGAIN}。"
                )
        return self._found

    def _now(self) -> int:
        """Return it as it is now; workers that are short of memory take no work, and do not count."""
        if self._client.status in ("closing", "closed"):
            raise GoneError
        try:
            found: dict[str, int] = _within(self._client, self._client.scheduler.ncores_running, self._wait)
        except OSError as error:  # what dask raises of a connection that is lost, and of one that is silent
            raise GoneError from error
        if new := found.keys() - self._known:
            with suppress(OSError):  # they are gone again, or so busy that they are asked next time
                self._known |= _compare_workers(self._client, self._address, new)
        return sum(found.values())


@contextmanager
def _connected(address: str) -> Iterator[Any]:
    """Give a client of the cluster; dask has no types."""
    from distributed import Client
    from distributed.versions import VersionMismatchWarning

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
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore", VersionMismatchWarning
            )  # what matters of it is told in a sentence
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


def _within(client: Any, call: Callable[[], Awaitable[Answer]], seconds: int) -> Answer:
    """Return what a request to the cluster gives; TimeoutError when it takes longer."""

    async def asked() -> Answer:
        return await call()

    found: Answer = client.sync(asked, callback_timeout=seconds)
    return found


def _asked(client: Any, address: str, question: Callable[[], Answer]) -> Mapping[str, Answer | BaseException]:
    """Return what each worker answers, whatever it is working at; CollectionError when one does not."""
    try:
        return _within(client, partial(client.run, question, on_error="return"), PATIENCE)
    except OSError as error:
        raise _silent(address) from error


def _silent(address: str) -> CollectionError:
    return CollectionError(
        f"集群“{address}”的调度程序或工作进程 {PATIENCE} 秒内没有应答；"
        "请检查各台机器，停掉没有反应的，再运行一次。"
    )


def _compare(client: Any, address: str) -> set[str]:
    """Refuse workers that would judge otherwise than we do, and a scheduler that cannot pass on our work.

    Return the workers.
    """
    try:
        known: dict[str, Any] = _within(client, client.get_versions, PATIENCE)
        _compare_pythons({"调度程序": known["scheduler"]})
        scheduler = _within(client, partial(client.run_on_scheduler, _probe()), PATIENCE)
        workers = _compare_workers(client, address, known["workers"].keys())
    except OSError as error:
        raise _silent(address) from error
    if silent := known["workers"].keys() - workers:
        raise CollectionError(f"集群的工作进程 {min(silent)} 没有应答；请检查那台机器，再运行一次。")
    if scheduler is None or scheduler[0] != __version__:  # what it passes on it has to know
        found = f"是 xlreport {scheduler[0]}" if scheduler else "没有安装 xlreport"
        raise CollectionError(
            f"集群“{address}”的调度程序上{found}；"
            f"请在那台机器上装好与本机相同的 {__version__} 版，重新启动它。"
        )
    return workers


def _compare_workers(client: Any, address: str, workers: Collection[str]) -> set[str]:
    """Refuse these workers if they would judge otherwise than we do; return those that answered.

    TimeoutError when they take too long over it.
    """
    facts = _within(client, client.get_versions, PATIENCE)["workers"]
    _compare_pythons({f"工作进程 {worker} ": facts[worker] for worker in workers if worker in facts})
    ask = partial(client.run, _probe(), workers=list(workers), on_error="return")
    told: dict[str, Any] = _within(client, ask, PATIENCE)
    for worker, answer in told.items():
        if isinstance(answer, OSError):
            continue
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
    return {worker for worker, answer in told.items() if not isinstance(answer, OSError)}


def _compare_pythons(facts: Mapping[str, Any]) -> None:
    """Refuse another Python: what travels may mean something else there, or nothing."""
    mine = f"{sys.version_info.major}.{sys.version_info.minor}"
    for who, told in facts.items():
        python = ".".join(str(told["packages"]["python"]).split(".")[:2])
        if python != mine:
            raise CollectionError(f"集群的{who}上是 Python {python}，本机是 {mine}；请用同一版本。")


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
        except Exception:  # of another state of the package, or of a library it lacks
            try:
                from toolkit import __version__ as version
            except Exception:
                return None
            return version, ""
        return version, digest()

    return probe
