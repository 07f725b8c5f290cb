"""Work mapped over executors of every kind: each item has its result, what costs its worker is named."""

from __future__ import annotations

import time
from collections import deque
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest
from hands import Obeying

from toolkit.crew.batches import LostError, Watch, Why
from toolkit.crew.guarded import OtherCodeError, code_digest, run_guarded
from toolkit.crew.mapping import Crew, GoneError, Settled, mapped
from toolkit.crew.watched import WatchedExecutor, watched_crew
from toolkit.submission.guard import MIB

WORDS = [f"word {number}" for number in range(40)]
QUICK = Watch(3, 256 * MIB)


def threads() -> Crew:
    return Crew(lambda watch: ThreadPoolExecutor(3), 3)


def pool() -> Crew:
    return Crew(lambda watch: ProcessPoolExecutor(2, get_context("forkserver")), 2)


def watched() -> Crew:
    return watched_crew(2)


def told(crew: Crew, words: list[str], job: Obeying | None = None, **options: Any) -> dict[str, Any]:
    """Return what became of each word; every word has one result."""
    with crew:
        found = list(mapped(crew, job or Obeying(), deque(words), **options))
    assert sorted(word for word, _ in found) == sorted(words)
    return dict(found)


def blamed(found: dict[str, Any]) -> dict[str, Why]:
    assert all(result == word.upper() for word, result in found.items() if not isinstance(result, LostError))
    return {word: result.why for word, result in found.items() if isinstance(result, LostError)}


@pytest.mark.parametrize("crew", [threads, pool, watched])
def test_every_kind_of_executor_gives_every_result(crew: Any) -> None:
    assert told(crew(), WORDS) == {word: word.upper() for word in WORDS}


@pytest.mark.parametrize("crew", [pool, watched])
def test_what_kills_its_worker_is_named_and_nothing_else_is_lost(crew: Any) -> None:
    words = [*WORDS[:20], "abort 1", *WORDS[20:], "abort 2"]
    assert blamed(told(crew(), words)) == {"abort 1": Why.DIED, "abort 2": Why.DIED}


@pytest.mark.parametrize("crew", [pool, watched])
def test_what_died_by_chance_has_a_second_try(crew: Any, tmp_path: Path) -> None:
    job = Obeying(note=str(tmp_path / "seen"))
    assert blamed(told(crew(), [*WORDS[:5], "once"], job)) == {}


def test_what_hangs_or_swells_is_ended_and_named() -> None:
    found = told(watched(), [*WORDS[:9], "hang", *WORDS[9:], "swell"], Obeying(QUICK))
    assert blamed(found) == {"hang": Why.TOO_LONG, "swell": Why.TOO_LARGE}
    assert found["hang"].found >= found["hang"].allowed == 3
    assert found["swell"].found > found["swell"].allowed == 256 * MIB


def test_a_worker_elsewhere_keeps_its_own_life_whatever_an_item_does() -> None:
    """The process of the pool that has the batch is never lost: its child is."""
    run = partial(run_guarded, code_digest())
    crew = Crew(lambda watch: ProcessPoolExecutor(1, get_context("forkserver")), 1, run=run, most=64)
    found = told(crew, [*WORDS, "abort", "hang", "swell"], Obeying(QUICK))
    assert blamed(found) == {"abort": Why.DIED, "hang": Why.TOO_LONG, "swell": Why.TOO_LARGE}


def test_a_worker_with_other_code_is_refused() -> None:
    crew = Crew(lambda watch: ThreadPoolExecutor(1), 1, run=partial(run_guarded, "other"))
    with pytest.raises(OtherCodeError):
        told(crew, WORDS)


@pytest.mark.parametrize("crew", [threads, pool, watched])
def test_what_a_job_raises_is_raised(crew: Any) -> None:
    with pytest.raises(ValueError, match="wrong 1"):
        told(crew(), ["wrong 1"])


def test_items_may_be_added_and_settled_on_the_way() -> None:
    def send(word: str) -> Any:
        return Settled("known") if word == "old" else word

    waiting = deque(["old", "first"])
    found = []
    with threads() as crew:
        for word, result in mapped(crew, Obeying(), waiting, send):
            found.append((word, result))
            if word == "first":
                waiting.extend(["second", "old"])
    assert sorted(found) == [("first", "FIRST"), ("old", "known"), ("old", "known"), ("second", "SECOND")]


def test_no_batch_is_heavier_than_it_may_be() -> None:
    sizes = []

    class Counting(ThreadPoolExecutor):
        def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
            sizes.append(sum(map(len, args[1])))
            return super().submit(fn, *args, **kwargs)

    crew = Crew(lambda watch: Counting(1), 1, most=1000, heaviest=10_000)
    words = [f"{number}" * 1000 for number in range(10)] * 10
    with crew:
        assert len(list(mapped(crew, Obeying(), deque(words)))) == 100
    assert len(sizes) > 5
    assert max(sizes) < 12_000


def test_work_that_was_dropped_is_told() -> None:
    class Dropping(ThreadPoolExecutor):
        def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
            future: Future[Any] = Future()
            future.cancel()
            future.set_running_or_notify_cancel()
            return future

    with pytest.raises(GoneError):
        told(Crew(lambda watch: Dropping(1), 1), WORDS)


def test_a_watched_executor_is_an_executor_like_any_other() -> None:
    with WatchedExecutor(2, Watch(60, 1024 * MIB)) as executor:
        assert isinstance(executor, Executor)
        assert list(executor.map(len, ["", "a", "ab"])) == [0, 1, 2]
        with pytest.raises(TypeError, match="takes no keyword"):
            executor.submit(len, obj="a").result()  # type: ignore[call-arg]
    with pytest.raises(RuntimeError, match="shut down"):
        executor.submit(len, "a")


def test_a_watched_executor_ends_at_once_when_it_is_told_to() -> None:
    executor = WatchedExecutor(1, Watch(600, 1024 * MIB))
    running, waiting = executor.submit(time.sleep, 600), executor.submit(len, "a")
    while not running.running():
        time.sleep(0.01)
    executor.shutdown(cancel_futures=True)
    assert isinstance(running.exception(), LostError)
    assert waiting.cancelled()
