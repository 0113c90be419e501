"""Files of records, read and written in parts: JSON lines, CSV, Parquet."""

from __future__ import annotations

import csv
import gzip
import importlib
import io
import itertools
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any, Protocol

from ._tessera import Error


def _arrow(name: str = "pyarrow") -> Any:
    """Imported where it is needed: JSON lines and CSV do without."""
    return importlib.import_module(name)


class Part(Protocol):
    """Some records of a file, and what becomes of their texts."""

    texts: list[Any]  # a str, None for none, or an Unreadable
    source: bytes  # what tells one input from another

    def write(self, file: IO[bytes], added: dict[str, list[Any]]) -> None:
        """The records with columns added."""


class Unreadable(str):
    """Why a record has no text."""


def text_of(value: Any) -> Any:
    if value is None or isinstance(value, str):
        return value
    return Unreadable(f"want text, found {type(value).__name__}")


class JsonPart:
    def __init__(self, lines: list[bytes], column: str, added: Sequence[str]) -> None:
        self.source = b"".join(lines)
        self.records: list[dict[str, Any]] = []
        self.texts: list[Any] = []
        for line in lines:
            record, text = self._read(line, column)
            for name in added:
                if name in record:
                    raise Error(f"{name}: want a new field, found it in the input")
            self.records.append(record)
            self.texts.append(text)

    @staticmethod
    def _read(line: bytes, column: str) -> tuple[dict[str, Any], Any]:
        try:
            record = json.loads(line)
        except ValueError as error:
            return {"line": line.decode("utf-8", "replace").rstrip("\n")}, Unreadable(
                f"want JSON, found {error}"
            )
        if not isinstance(record, dict):
            return {"line": record}, Unreadable("want a JSON object, found another value")
        if column not in record:
            return record, Unreadable(f"want the field {column}, found none")
        return record, text_of(record[column])

    def write(self, file: IO[bytes], added: dict[str, list[Any]]) -> None:
        for number, record in enumerate(self.records):
            full = {**record, **{name: of[number] for name, of in added.items()}}
            try:
                line = json.dumps(full, ensure_ascii=False).encode()
            except UnicodeEncodeError:  # lone surrogates
                line = json.dumps(full).encode()
            file.write(line + b"\n")


class CsvPart:
    def __init__(self, header: list[str], rows: list[list[str]], place: int) -> None:
        self.header = header
        self.rows = rows
        self.source = repr(rows).encode()
        self.texts = [
            row[place] if len(row) > place else Unreadable("want more cells in the row")
            for row in rows
        ]

    def write(self, file: IO[bytes], added: dict[str, list[Any]]) -> None:
        text = io.TextIOWrapper(
            file, "utf-8", errors="surrogateescape", newline="", write_through=True
        )
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow([*self.header, *added])
        width = len(self.header)
        for number, row in enumerate(self.rows):
            cells = row + [""] * (width - len(row))
            writer.writerow([*cells, *(of[number] for of in added.values())])
        text.detach()


class ParquetPart:
    def __init__(self, table: Any, column: str) -> None:
        pa = _arrow()

        self.table = table
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table.combine_chunks())
        self.source = sink.getvalue().to_pybytes()
        values = table[column]
        if pa.types.is_dictionary(values.type):
            values = values.cast(values.type.value_type)
        raw = values.cast(pa.large_binary()).to_pylist()
        # Arrow does not look whether its strings are UTF-8.
        self.texts = [
            None if one is None else one.decode("utf-8", "surrogateescape")
            for one in raw
        ]

    def write(self, file: IO[bytes], added: dict[str, list[Any]]) -> None:
        pa = _arrow()

        table = self.table
        for name, values in added.items():
            kind = pa.float64() if name == "score" else pa.string()
            table = table.append_column(name, pa.array(values, kind))
        _arrow("pyarrow.parquet").write_table(table, file)


def _opened(path: Path) -> IO[bytes]:
    if path.suffix == ".gz":
        return gzip.open(path)  # type: ignore[return-value]
    if path.suffix == ".zst":
        pa = _arrow()

        return io.BufferedReader(pa.CompressedInputStream(pa.OSFile(str(path)), "zstd"))
    return path.open("rb")


def write_compressed(path: Path, suffix: str, part: Part, added: Any) -> None:
    """One part, compressed as its suffix says; the same bytes every time."""
    with path.open("wb") as file:
        if suffix.endswith(".gz"):
            with gzip.GzipFile("", "wb", 6, file, mtime=0) as packed:
                part.write(packed, added)  # type: ignore[arg-type]
        elif suffix.endswith(".zst"):
            pa = _arrow()

            plain = io.BytesIO()
            part.write(plain, added)
            with pa.CompressedOutputStream(file, "zstd") as packed:
                packed.write(plain.getvalue())
        else:
            part.write(file, added)


def _groups(items: Iterator[Any], size: int) -> Iterator[list[Any]]:
    while group := list(itertools.islice(items, size)):
        yield group


def _csv_parts(file: IO[bytes], column: str, added: Sequence[str], size: int) -> Any:
    csv.field_size_limit(sys.maxsize)
    with io.TextIOWrapper(file, "utf-8", "surrogateescape", newline="") as text:
        rows = csv.reader(text)
        header = next(rows, [])
        _check(header, column, added)
        place = header.index(column)
        for number, group in enumerate(_groups(rows, size)):
            yield number, lambda group=group: CsvPart(header, group, place)


def _check(columns: Sequence[str], column: str, added: Sequence[str]) -> None:
    if column not in columns:
        raise Error(f"{column}: want a column, found {', '.join(columns) or 'none'}")
    for name in added:
        if name in columns:
            raise Error(f"{name}: want a new column, found it in the input")


class _ParquetReader:
    """Rows by number; the row groups last decoded are kept."""

    def __init__(self, path: Path, column: str, added: Sequence[str]) -> None:
        pa = _arrow()

        self.file = _arrow("pyarrow.parquet").ParquetFile(path)
        schema = self.file.schema_arrow
        _check(schema.names, column, added)
        kind = schema.field(column).type
        kind = kind.value_type if pa.types.is_dictionary(kind) else kind
        if not (pa.types.is_string(kind) or pa.types.is_large_string(kind)):
            raise Error(f"{column}: want a column of strings, found {kind}")
        sizes = [
            self.file.metadata.row_group(i).num_rows
            for i in range(self.file.num_row_groups)
        ]
        self.ends = list(itertools.accumulate(sizes))
        self.kept: dict[int, Any] = {}

    def rows(self, begin: int, end: int) -> Any:
        pa = _arrow()

        slices, start = [], 0
        for group, stop in enumerate(self.ends):
            if start < end and begin < stop:
                if group not in self.kept:
                    self.kept = {g: t for g, t in self.kept.items() if g == group - 1}
                    self.kept[group] = self.file.read_row_group(group)
                first = max(begin - start, 0)
                slices.append(
                    self.kept[group].slice(first, min(end, stop) - start - first)
                )
            start = stop
        return pa.concat_tables(slices)


def _parquet_parts(path: Path, column: str, added: Sequence[str], size: int) -> Any:
    reader = _ParquetReader(path, column, added)
    total = reader.ends[-1] if reader.ends else 0
    for number, begin in enumerate(range(0, total, size)):
        yield number, lambda begin=begin: ParquetPart(
            reader.rows(begin, min(begin + size, total)), column
        )


SUFFIXES = (".parquet", ".jsonl", ".jsonl.gz", ".jsonl.zst", ".csv", ".csv.gz")


def suffix_of(path: Path) -> str:
    for suffix in SUFFIXES:
        if path.name.endswith(suffix):
            return suffix
    raise Error(f"{path}: want a name that ends in {', '.join(SUFFIXES)}")


def parts_of(path: Path, column: str, added: Sequence[str], size: int) -> Any:
    """Number of each part of `size` records, and a function that reads it: what
    need not be read costs little."""
    suffix = suffix_of(path)
    if suffix == ".parquet":
        yield from _parquet_parts(path, column, added, size)
        return
    with _opened(path) as file:
        if suffix.startswith(".csv"):
            yield from _csv_parts(file, column, added, size)
            return
        lines_of_records = (line for line in file if not line.isspace())
        for number, lines in enumerate(_groups(lines_of_records, size)):
            yield number, lambda lines=lines: JsonPart(lines, column, added)
