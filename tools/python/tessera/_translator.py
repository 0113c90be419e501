"""The class Translator."""

from __future__ import annotations

import atexit
import os
import threading
import weakref
from collections.abc import Iterable, Iterator, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, overload

from . import _tessera
from ._attention import Attention
from ._options import Options, compiled
from ._results import Translation

if TYPE_CHECKING:
    from typing_extensions import Self, Unpack

Precision = Literal["auto", "f32", "bf16", "int8"]

# What unpickling gives again while it is there, by path and options: a job's
# thousand closures load one model a process.
_loaded: weakref.WeakValueDictionary[tuple[Any, ...], Translator] = (
    weakref.WeakValueDictionary()
)


def _unpickle(folder: str, options: tuple[Any, ...], version: str) -> Translator:
    if version != _tessera.version():
        raise _tessera.Error(
            f"translator: want one pickled by tessera {_tessera.version()}, "
            f"found {version}"
        )
    found = _loaded.get((os.getpid(), folder, options))
    if found is not None and not found.closed:
        return found
    threads, precision, batch_size, ignore_unsupported, memory_bytes = options
    return Translator(
        folder,
        threads=threads,
        precision=precision,
        batch_size=batch_size,
        ignore_unsupported=ignore_unsupported,
        memory_bytes=memory_bytes,
    )


class Translator:
    """A loaded model with the threads that run it.

    Any number of Python threads may use it at the same time: the texts of all
    calls share its threads and batches, and calls that compute let other threads
    run. A text gives the same bits alone, in any batch and with any number of
    threads.

    It is pickled as its path and options, never with weights: the folder must be
    where it is unpickled. It does not survive a fork: the child loads its own.
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        threads: int = 0,
        precision: Precision = "auto",
        *,
        batch_size: int = 32,
        ignore_unsupported: bool = False,
        memory_bytes: int = 0,
    ) -> None:
        """Loads a Hugging Face folder.

        threads     for all calls together; 0: as many as TESSERA_THREADS says, or
                    CPU affinity and cgroup allow
        precision   "auto" is the fastest that keeps the quality of "f32"
        batch_size  texts that one thread decodes together
        memory_bytes  for weights and work space; 0: what the machine has left,
                    within reason

        Raises Error for a folder or an option that cannot be used.
        """
        self._folder = os.path.abspath(os.fspath(folder))
        self._options = (
            *(threads, precision, batch_size),
            *(ignore_unsupported, memory_bytes),
        )
        options = _tessera.LoadOptions()
        options.threads = threads or int(os.environ.get("TESSERA_THREADS", "0"))
        options.precision = precision
        options.batch_size = batch_size
        options.ignore_unsupported = ignore_unsupported
        options.memory_bytes = memory_bytes
        try:
            self._model = _tessera.Model(os.fsencode(self._folder), options)
        except _tessera.Error as error:
            if os.path.isdir(self._folder):
                raise
            raise _tessera.Error(f"{error} (on {os.uname().nodename})") from None
        _loaded[(os.getpid(), self._folder, self._options)] = self

    @overload
    def translate(  # type: ignore[overload-overlap]  # a str is an Iterable of str
        self, texts: str, *, raise_on_error: bool = False, **options: Unpack[Options]
    ) -> Translation: ...

    @overload
    def translate(
        self,
        texts: Iterable[str],
        *,
        raise_on_error: bool = False,
        **options: Unpack[Options],
    ) -> list[Translation]: ...

    def translate(
        self,
        texts: str | Iterable[str],
        *,
        raise_on_error: bool = False,
        **options: Unpack[Options],
    ) -> Translation | list[Translation]:
        """Translates a text, or each of several, in their order.

        A text that cannot be translated has its `error` and costs no other; with
        `raise_on_error` the first of them raises Error.
        """
        made = compiled(options)
        one = isinstance(texts, str)
        sources: Sequence[str] = [texts] if isinstance(texts, str) else list(texts)
        results = [
            Translation(source, result)
            for source, result in zip(
                sources, self._model.translate_all(sources, made)
            )
        ]
        if raise_on_error:
            for number, result in enumerate(results):
                if not result.ok:
                    where = "" if one else f"text {number}: "
                    raise _tessera.Error(f"{where}{result.error}")
        return results[0] if one else results

    def stream(
        self, texts: Iterable[str], *, ordered: bool = True, **options: Unpack[Options]
    ) -> Iterator[Translation]:
        """Translates texts as they come, in bounded memory.

        Reads no more texts ahead of what is taken than four batches a thread.
        `ordered=False` gives each as soon as it is finished. If the iterable
        raises, what came before is translated, then its exception is raised.
        """
        made = compiled(options)
        self._model.check(made)
        window = 4 * self._model.batch_size * self._model.threads
        return _stream(_tessera.Queue(self._model), texts, made, window, ordered)

    def stream_tokens(self, text: str, **options: Unpack[Options]) -> Iterator[str]:
        """The translation of one text while it comes, in whole characters: of
        greedy search with each token, of beam search what all beams begin with.

        The pieces are, one after another, the text that `translate` gives. Raises
        Error, at the end, for a text that cannot be translated. To close it gives
        the text up.
        """
        made = compiled(options)
        self._model.check(made)
        return _stream_tokens(_tessera.Queue(self._model), text, made)

    @overload
    def score(  # type: ignore[overload-overlap]
        self, sources: str, targets: str | Sequence[int], **options: Unpack[Options]
    ) -> Translation: ...

    @overload
    def score(
        self,
        sources: Iterable[str],
        targets: Iterable[str | Sequence[int]],
        **options: Unpack[Options],
    ) -> list[Translation]: ...

    def score(
        self, sources: Any, targets: Any, **options: Unpack[Options]
    ) -> Translation | list[Translation]:
        """How probable outputs are that are known, texts or ids with their
        end-of-sentence: the target as the result's one hypothesis, with the
        log-probability of each token; its score is their sum. Of the options only
        languages and `beam_size`."""
        made = compiled(options)
        one = isinstance(sources, str)
        pairs = [(sources, targets)] if one else list(zip(sources, targets, strict=True))
        results = [
            Translation(source, result)
            for (source, _), result in zip(pairs, self._model.score(pairs, made))
        ]
        return results[0] if one else results

    def attention(self, text: str, **options: Unpack[Options]) -> Attention:
        """The attention weights with which the model reads a text and writes its
        best output. Raises Error for a text that is empty or fails."""
        return Attention(_tessera.explain(self._model, text, compiled(options)))

    def count_tokens(self, text: str) -> int:
        """Tokens that the model reads of a text; up to info.max_source_tokens can
        be translated."""
        return self._model.count_tokens(text)

    @property
    def info(self) -> _tessera.ModelInfo:
        """Facts of the model."""
        return self._model.info

    @property
    def threads(self) -> int:
        """Threads in use, after the default was resolved."""
        return self._model.threads

    @property
    def folder(self) -> str:
        return self._folder

    @property
    def closed(self) -> bool:
        return self._model.closed

    def close(self) -> None:
        """Frees the model; calls of other threads that run end first."""
        self._model.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __reduce__(self) -> tuple[Any, ...]:
        return _unpickle, (self._folder, self._options, _tessera.version())

    def __repr__(self) -> str:
        state = "closed" if self.closed else f"threads={self.threads}"
        return f"Translator({self._folder!r}, {state})"


def _stream(
    queue: _tessera.Queue,
    texts: Iterable[str],
    options: _tessera.TranslateOptions,
    window: int,
    ordered: bool,
) -> Iterator[Translation]:
    sources: dict[int, str] = {}  # of what was handed in and not yet given
    finished: dict[int, _tessera.Result] = {}
    failure: BaseException | None = None
    iterator: Iterator[str] | None = iter(texts)
    following = 0
    try:
        while iterator is not None or sources:
            while iterator is not None and len(sources) < window:
                try:
                    text = next(iterator)
                    sources[queue.submit(text, options)] = text
                except StopIteration:
                    iterator = None
                except Exception as error:
                    iterator, failure = None, error
                if queue.ready:
                    break
            wait = not finished or (ordered and following not in finished)
            if wait and sources and (iterator is None or len(sources) >= window):
                some = queue.take_until(following) if ordered else queue.take_some()
                finished.update(some)
            else:
                finished.update(queue.take())
            if ordered:
                while following in finished:
                    source = sources.pop(following)
                    yield Translation(source, finished.pop(following))
                    following += 1
            else:
                while finished:
                    number, result = finished.popitem()
                    yield Translation(sources.pop(number), result)
        if failure is not None:
            raise failure
    finally:
        queue.close()


def _stream_tokens(
    queue: _tessera.Queue, text: str, options: _tessera.TranslateOptions
) -> Iterator[str]:
    try:
        queue.submit_growing(text, options)
        while grown := queue.take_grown_some():
            for _, piece in grown:
                yield piece
        [(_, result)] = queue.take()
        if not result.ok:
            raise _tessera.Error(result.error)
    finally:
        queue.close()


def _end() -> None:
    # What a daemon thread holds is never freed: that is no leak of ours.
    frozen = any(thread.daemon for thread in threading.enumerate())
    _tessera.shutdown(warn_of_leaks=not frozen)


atexit.register(_end)
os.register_at_fork(after_in_child=_tessera.after_fork)
