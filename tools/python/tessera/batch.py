"""Files by the million: each record translated once, whatever kills the job.

    tessera batch --model FOLDER --output DIR letters.parquet more.jsonl.gz

Records are translated in parts. A part is written beside its place, synced and
renamed, so that a part that is there is complete; a job that is started again does
the missing ones. Equal texts of a part are translated once. Several processes, on
machines with a common folder, share a job by numbers (`shard`) or by claims.
"""

from __future__ import annotations

import collections
import functools
import hashlib
import json
import os
import shutil
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import _containers
from ._common_folder import Claims, put, put_text
from ._options import Options, canonical
from ._results import Translation
from ._tessera import Error, version
from ._translator import Precision, Translator

if TYPE_CHECKING:
    from typing_extensions import Unpack

ADDED = ("translation", "score", "error")


@dataclass
class Progress:
    """What a job has done so far, in this process."""

    parts: int = 0
    skipped: int = 0  # parts that were there, or are another process's
    texts: int = 0
    translated: int = 0  # texts less those equal to another of their part
    tokens: int = 0  # written by the model
    errors: int = 0
    stopped: bool = False  # by SIGTERM, before all parts were done
    started: float = field(default_factory=time.monotonic)

    def __str__(self) -> str:
        seconds = max(time.monotonic() - self.started, 1e-9)
        equal = 1 - self.translated / self.texts if self.texts else 0
        return (
            f"{self.parts} parts, {self.texts} texts ({equal:.0%} equal to others), "
            f"{self.errors} errors, {self.texts / seconds:.0f} texts/s, "
            f"{self.tokens / seconds:.0f} tokens/s"
        )


def _digest_of_folder(folder: str) -> str:
    """Of the names and bytes of a model's files."""
    digest = hashlib.sha256()
    for path in sorted(Path(folder).iterdir()):
        if path.is_file():
            with path.open("rb") as file:
                own = hashlib.sha256()
                while block := file.read(1 << 20):
                    own.update(block)
            digest.update(f"{path.name}\n{own.hexdigest()}\n".encode())
    return digest.hexdigest()


class _Open:
    """A part whose texts are being translated."""

    def __init__(self, name: str, suffix: str, part: _containers.Part) -> None:
        self.name = name
        self.suffix = suffix
        self.part = part
        self.texts = list(
            dict.fromkeys(
                text
                for text in part.texts
                if text is not None and not isinstance(text, _containers.Unreadable)
            )
        )
        self.results: dict[str, Translation] = {}

    def columns(self) -> dict[str, list[Any]]:
        columns: dict[str, list[Any]] = {name: [] for name in ADDED}
        for text in self.part.texts:
            row: tuple[str | None, float | None, str | None] = (None, None, None)
            if isinstance(text, _containers.Unreadable):
                row = (None, None, str(text))
            elif text is not None:
                found = self.results[text]
                row = (found.text if found.ok else None, found.score, found.error)
            for column, value in zip(columns.values(), row):
                column.append(value)
        return columns


class _Job:
    def __init__(
        self, inputs: list[Path], output: Path, settings: dict[str, Any], rows: int
    ) -> None:
        self.inputs = inputs
        self.output = output
        self.column: str = settings["column"]
        self.rows = rows
        self.manifest = output / "manifest.jsonl"
        self.entries: dict[str, dict[str, Any]] = {}
        output.mkdir(parents=True, exist_ok=True)
        identities = [self._identity(path) for path in inputs]
        self._settle({**settings, "rows": rows, "inputs": identities})
        self._read_manifest()

    @staticmethod
    def _identity(path: Path) -> dict[str, Any]:
        facts = path.stat()
        return {"name": path.name, "bytes": facts.st_size, "time": facts.st_mtime_ns}

    def _settle(self, settings: dict[str, Any]) -> None:
        """Of a job begun by others, or before, the settings must be these."""
        path = self.output / "job.json"
        if path.exists():
            found = json.loads(path.read_text())
            for name, value in settings.items():
                if found.get(name) != value:
                    raise Error(
                        f"{path}: {name}: want {found.get(name)} as the job was begun "
                        f"with, found {value}; give another --output"
                    )
            return
        text = json.dumps(settings, indent=1, sort_keys=True) + "\n"
        put_text(path, text)

    def _read_manifest(self) -> None:
        if not self.manifest.exists():
            return
        for line in self.manifest.read_bytes().split(b"\n"):
            try:
                entry = json.loads(line)
            except ValueError:
                continue  # the last one, cut by a kill
            if isinstance(entry, dict) and (self.output / entry["part"]).exists():
                self.entries[entry["part"]] = entry

    def parts(self) -> Iterator[tuple[int, str, str, Callable[[], _containers.Part]]]:
        """Number, name, suffix and reader of each part."""
        for place, path in enumerate(self.inputs):
            suffix = _containers.suffix_of(path)
            found = _containers.parts_of(path, self.column, ADDED, self.rows)
            for number, read in found:
                yield place + number, f"part-{place:04}-{number:06}{suffix}", suffix, read

    def note(self, name: str, part: _containers.Part) -> None:
        entry = {
            "part": name,
            "rows": len(part.texts),
            "input_sha256": hashlib.sha256(part.source).hexdigest(),
        }
        self.entries[name] = entry
        with self.manifest.open("ab") as file:
            # Behind a line that a kill has cut, on one of its own.
            file.write(b"\n" + json.dumps(entry).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())

    def finish(self) -> None:
        """With all parts there: the manifest in order, each part once. Another
        process may do so at the same time, or have died before its note."""
        self._read_manifest()
        for _, name, _, read in self.parts():
            if not (self.output / name).exists():
                return
            if name not in self.entries:
                self.note(name, read())
        lines = (json.dumps(self.entries[name]) + "\n" for name in sorted(self.entries))
        put_text(self.manifest, "".join(lines))
        for left in self.output.glob("*.tmp-*"):
            left.unlink(missing_ok=True)
        shutil.rmtree(self.output / "claims", ignore_errors=True)


class _Run:
    def __init__(
        self,
        job: _Job,
        translator: Translator,
        options: Options,
        shard: tuple[int, int],
        claims: Claims | None,
        report: Callable[[Progress], None],
    ) -> None:
        self.job = job
        self.translator = translator
        self.options = options
        self.shard = shard
        self.claims = claims
        self.report = report
        self.progress = Progress()
        self.open: collections.deque[_Open] = collections.deque()
        self.missing = False  # parts that other processes have claimed

    def _mine(self, number: int, name: str) -> bool:
        if number % self.shard[1] != self.shard[0]:
            return False
        return self.claims is None or self.claims.take(name)

    def _texts(self) -> Iterator[str]:
        """The texts of the parts to do; opens them as it goes."""
        for number, name, suffix, read in self.job.parts():
            if self.progress.stopped:
                return
            there = (self.job.output / name).exists()
            if there and name in self.job.entries:
                self.progress.skipped += 1
                continue
            if there:
                self.job.note(name, read())
                self.progress.skipped += 1
                continue
            if not self._mine(number, name):
                self.missing = self.missing or self.claims is not None
                continue
            part = _Open(name, suffix, read())
            self.open.append(part)
            yield from part.texts
            if not part.texts:
                self._write_full()

    def _write_full(self) -> None:
        """Writes the oldest parts that have all their results."""
        while self.open and len(self.open[0].results) == len(self.open[0].texts):
            part = self.open.popleft()
            columns = part.columns()
            write = functools.partial(
                _containers.write_compressed,
                suffix=part.suffix,
                part=part.part,
                added=columns,
            )
            put(self.job.output / part.name, write)
            self.job.note(part.name, part.part)
            if self.claims:
                self.claims.release(part.name)
            self.progress.parts += 1
            self.progress.texts += len(part.part.texts)
            self.progress.translated += len(part.texts)
            self.progress.errors += sum(e is not None for e in columns["error"])

    def once(self) -> None:
        self.missing = False
        reported = time.monotonic()
        for result in self.translator.stream(self._texts(), **self.options):
            self.progress.tokens += len(result._of.best) if result.ok else 0
            oldest = next(p for p in self.open if len(p.results) < len(p.texts))
            oldest.results[result.source] = result
            if len(oldest.results) == len(oldest.texts):
                self._write_full()
            if time.monotonic() - reported > 2:
                reported = time.monotonic()
                self.report(self.progress)
        self._write_full()

    def all(self) -> Progress:
        self.once()
        while self.missing and not self.progress.stopped:
            time.sleep(1)  # others may fail, and leave their parts to us
            self.once()
        self.job.finish()
        return self.progress


def translate_files(
    inputs: Iterable[str | os.PathLike[str]],
    output: str | os.PathLike[str],
    model: str | os.PathLike[str],
    *,
    column: str = "text",
    rows: int = 10_000,
    shard: tuple[int, int] = (0, 1),
    claim: bool = False,
    threads: int = 0,
    precision: Precision = "auto",
    batch_size: int = 32,
    report: Callable[[Progress], None] = lambda _: None,
    **options: Unpack[Options],
) -> Progress:
    """Translates a column of files (Parquet, JSON lines and CSV, gzipped or, JSON
    lines, in zstd) into a folder: for `rows` records a file of the same kind, with
    the columns translation, score and error added.

    shard    (i, n): of n processes that share the job this is number i, from 0
    claim    processes share the job by files in the folder `claims` of the output
    report   is told of the progress every two seconds

    Raises Error for an input that cannot be read, and where the folder has another
    job's parts. A record that cannot be translated has its `error`; what has no
    text has no translation and no error. SIGTERM ends it behind the open parts.
    """
    if rows < 1 or not 0 <= shard[0] < shard[1]:
        raise Error(f"want rows from 1 and a shard i of n, found {rows} and {shard}")
    paths = [Path(path) for path in inputs]
    for path in paths:
        _containers.suffix_of(path)
        if not path.is_file():
            raise Error(f"{path}: want a file, found none")
    settings = {
        "tessera": version(),
        "model_sha256": _digest_of_folder(os.fspath(model)),
        "column": column,
        "options": json.loads(json.dumps(canonical(options), default=str)),
    }
    claims = None
    with Translator(model, threads, precision, batch_size=batch_size) as translator:
        settings["compute_type"] = translator.info.compute_type
        job = _Job(paths, Path(output), settings, rows)
        try:
            claims = Claims(Path(output) / "claims") if claim else None
            run = _Run(job, translator, options, shard, claims, report)
            with _Terminable(run.progress):
                return run.all()
        finally:
            if claims:
                claims.close()


class _Terminable:
    """Turns SIGTERM into `stopped`, where signals can be had."""

    def __init__(self, progress: Progress) -> None:
        self.progress = progress
        self.main = threading.current_thread() is threading.main_thread()

    def __enter__(self) -> None:
        def stop(number: int, frame: Any) -> None:
            self.progress.stopped = True

        if self.main:
            self.before = signal.signal(signal.SIGTERM, stop)

    def __exit__(self, *error: object) -> None:
        if self.main:
            signal.signal(signal.SIGTERM, self.before)


def print_progress(progress: Progress) -> None:
    print(progress, file=sys.stderr, flush=True)
