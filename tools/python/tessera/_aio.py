"""The class AsyncTranslator."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Iterable
from types import TracebackType
from typing import TYPE_CHECKING, Any, overload

from . import _tessera
from ._options import Options, compiled
from ._results import Translation
from ._translator import Precision, Translator

if TYPE_CHECKING:
    from typing_extensions import Self, Unpack


class _Job:
    """The texts of one call."""

    def __init__(self, sources: list[str], future: asyncio.Future[None]) -> None:
        self.sources = sources
        self.future = future
        self.results: list[Translation | None] = [None] * len(sources)
        self.missing = len(sources)

    def put(self, index: int, result: _tessera.Result) -> None:
        self.results[index] = Translation(self.sources[index], result)
        self.missing -= 1
        if self.missing == 0 and not self.future.done():
            self.future.set_result(None)


    def cancel(self) -> None:
        self.future.cancel()


class _Growing:
    """The one text of a call that is told how it grows."""

    def __init__(self) -> None:
        # None behind the last piece, or why there is no more.
        self.pieces: asyncio.Queue[str | BaseException | None] = asyncio.Queue()

    def grow(self, piece: str) -> None:
        self.pieces.put_nowait(piece)

    def put(self, index: int, result: _tessera.Result) -> None:
        end = None if result.ok else _tessera.Error(result.error)
        self.pieces.put_nowait(end)

    def cancel(self) -> None:
        self.pieces.put_nowait(asyncio.CancelledError())


class _Waiting:
    """The jobs that coroutines of one event loop wait for."""

    def __init__(
        self, model: _tessera.Model, loop: asyncio.AbstractEventLoop
    ) -> None:
        self._queue = _tessera.Queue(model)
        self._jobs: dict[int, tuple[_Job | _Growing, int]] = {}  # by the queue's numbers
        self.loop = loop
        loop.add_reader(self._queue.fileno(), self._wake)

    async def translate(
        self, sources: list[str], options: _tessera.TranslateOptions
    ) -> list[Translation]:
        job = _Job(sources, self.loop.create_future())
        numbers = []
        try:
            for index, source in enumerate(sources):
                numbers.append(self._queue.submit(source, options))
                self._jobs[numbers[-1]] = (job, index)
            if sources:
                await job.future
        except BaseException:
            for number in numbers:
                if number in self._jobs:
                    self._queue.cancel(number)
            raise
        return [result for result in job.results if result is not None]

    async def grow(
        self, text: str, options: _tessera.TranslateOptions
    ) -> AsyncIterator[str]:
        job = _Growing()
        number = self._queue.submit_growing(text, options)
        self._jobs[number] = (job, 0)
        try:
            while (piece := await job.pieces.get()) is not None:
                if isinstance(piece, BaseException):
                    raise piece
                yield piece
        finally:
            if number in self._jobs:
                self._queue.cancel(number)

    def _wake(self) -> None:
        finished = self._queue.take()  # first: what they grew by is there by now
        for number, piece in self._queue.take_grown():
            growing, _ = self._jobs[number]
            if isinstance(growing, _Growing):  # no other is told of growth
                growing.grow(piece)
        for number, result in finished:
            job, index = self._jobs.pop(number)
            job.put(index, result)

    def close(self) -> None:
        if not self.loop.is_closed():
            self.loop.remove_reader(self._queue.fileno())
            for job, _ in self._jobs.values():
                job.cancel()
        self._jobs.clear()
        self._queue.close()


class AsyncTranslator:
    """A Translator for coroutines: texts of all of them share its batches.

    No coroutine takes a thread, and no thread of the model ever runs Python: they
    write to a file descriptor that the event loop reads.
    """

    def __init__(
        self,
        translator: Translator | str | os.PathLike[str],
        threads: int = 0,
        precision: Precision = "auto",
        **options: Any,
    ) -> None:
        """Of a Translator, which stays the caller's, or of a folder, loaded now
        with the options of Translator."""
        self._owns = not isinstance(translator, Translator)
        self._translator = (
            translator
            if isinstance(translator, Translator)
            else Translator(translator, threads, precision, **options)
        )
        self._waiting: dict[int, _Waiting] = {}

    def _of_loop(self) -> _Waiting:
        loop = asyncio.get_running_loop()
        found = self._waiting.get(id(loop))
        if found is None or found.loop is not loop:
            for key, waiting in list(self._waiting.items()):
                if waiting.loop.is_closed():
                    self._waiting.pop(key).close()
            found = _Waiting(self._translator._model, loop)
            self._waiting[id(loop)] = found
        return found

    @overload
    async def translate(  # type: ignore[overload-overlap]
        self, texts: str, *, raise_on_error: bool = False, **options: Unpack[Options]
    ) -> Translation: ...

    @overload
    async def translate(
        self,
        texts: Iterable[str],
        *,
        raise_on_error: bool = False,
        **options: Unpack[Options],
    ) -> list[Translation]: ...

    async def translate(
        self,
        texts: str | Iterable[str],
        *,
        raise_on_error: bool = False,
        **options: Unpack[Options],
    ) -> Translation | list[Translation]:
        """As Translator.translate. To cancel it gives the texts up."""
        made = compiled(options)
        self._translator._model.check(made)
        waiting = self._of_loop()
        one = isinstance(texts, str)
        sources = [texts] if isinstance(texts, str) else list(texts)
        results = await waiting.translate(sources, made)
        if raise_on_error:
            for result in results:
                if not result.ok:
                    raise _tessera.Error(result.error)
        return results[0] if one else results

    def stream_tokens(
        self, text: str, **options: Unpack[Options]
    ) -> AsyncIterator[str]:
        """As Translator.stream_tokens. To close or cancel it gives the text up."""
        made = compiled(options)
        self._translator._model.check(made)
        return self._of_loop().grow(text, made)

    @property
    def translator(self) -> Translator:
        return self._translator

    def close(self) -> None:
        """Gives up what is under way; frees the model if it was loaded here."""
        for waiting in self._waiting.values():
            waiting.close()
        self._waiting.clear()
        if self._owns:
            self._translator.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __reduce__(self) -> tuple[Any, ...]:
        return AsyncTranslator, (self._translator,)
