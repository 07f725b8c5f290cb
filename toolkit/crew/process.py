"""What runs in a watched process: call after call until the parent hangs up, each item told of at once."""

from __future__ import annotations

import os
import pickle
import signal
import sys
import traceback
from contextlib import suppress
from enum import IntEnum
from multiprocessing.connection import Connection
from typing import Any

from toolkit.crew.batches import LostError, Watch, Why, tell_of_each

ADDRESSES = 1 << 30  # bytes of address space a process needs beside the memory it uses


class Told(IntEnum):
    """What a message to the parent is about."""

    READY = 0
    DONE = 1  # so many items of the batch
    RESULT = 2
    ERROR = 3


def serve(connection: Connection, watch: Watch) -> None:
    """Do what the parent asks until it hangs up."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # the Rust reader prints its panics; they become issues
    _limit(watch)

    def tell(told: Told, value: Any = None) -> None:
        connection.send_bytes(pickle.dumps((told, value), pickle.HIGHEST_PROTOCOL))

    def next_item(done: int) -> None:
        _alarm(2 * watch.seconds + 1)
        tell(Told.DONE, done)

    tell_of_each(next_item)
    with suppress(EOFError, OSError):
        tell(Told.READY)
        while True:
            call = connection.recv_bytes()
            try:
                function, args, kwargs = pickle.loads(call)
                answer = Told.RESULT, function(*args, **kwargs)
            except MemoryError:
                answer = Told.ERROR, LostError(Why.TOO_LARGE, watch.memory + ADDRESSES, watch.memory)
            except Exception as error:
                answer = Told.ERROR, _carried(error)
            _alarm(0)
            tell(*answer)


def _limit(watch: Watch) -> None:
    """Bound the address space: this stops what grows between two looks of the parent."""
    if sys.platform != "win32":
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        wanted = watch.memory + ADDRESSES
        resource.setrlimit(
            resource.RLIMIT_AS, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard)
        )


def _alarm(seconds: int) -> None:
    """Let the system end this process then, should there be no parent any more that does."""
    if sys.platform != "win32":
        signal.setitimer(signal.ITIMER_REAL, seconds)


def _carried(error: Exception) -> Exception:
    """Return an error that can travel, with the way it came."""
    error.add_note(traceback.format_exc())
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        return RuntimeError("".join(traceback.format_exception(error)))
    return error
