"""tessera.batch: containers, resuming, sharing, kills."""

import csv
import gzip
import json
import os
import random
import signal
import subprocess
import sys
import time

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import tessera
from conftest import same
from tessera import _common_folder, batch

ROWS = [
    {"id": 1, "text": "A dog.", "more": {"a": [1, None, "é"]}},
    {"id": 2, "text": None},
    {"id": 3, "text": "\ud800"},
    {"id": 4, "text": "A dog."},
    {"id": 5, "text": 7},
    {"id": 6},
    {"id": 7, "text": ""},
    {"id": 8, "text": "A cat."},
]


def lines_of(path):
    if path.suffix == ".zst":
        opened = pa.CompressedInputStream(pa.OSFile(str(path)), "zstd")
    else:
        opened = gzip.open(path) if path.suffix == ".gz" else path.open("rb")
    with opened as file:
        return [json.loads(line) for line in file.read().splitlines()]


def written(folder, suffix=""):
    """The records of all parts, in order."""
    parts = sorted(folder.glob(f"part-*{suffix}"))
    if parts and parts[0].suffix == ".parquet":
        return [row for part in parts for row in pq.read_table(part).to_pylist()]
    return [row for part in parts for row in lines_of(part)]


def contents(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def write_lines(path, rows):
    text = "".join(json.dumps(row) + "\n" for row in rows)
    path.write_text(text)
    return path


@pytest.mark.parametrize("suffix", [".jsonl", ".jsonl.gz", ".jsonl.zst"])
def test_json_lines(tmp_path, model, suffix):
    data = "\n".join(json.dumps(row) for row in ROWS).encode()
    data += b'\n\n{"text": \n[1]\n\xff\n'
    path = tmp_path / f"in{suffix}"
    if suffix == ".jsonl.zst":
        with pa.CompressedOutputStream(path, "zstd") as file:
            file.write(data)
    else:
        with (gzip.open if suffix.endswith("gz") else open)(path, "wb") as file:
            file.write(data)
    done = batch.translate_files([path], tmp_path / "out", model, rows=3)
    found = written(tmp_path / "out")
    for row, wanted in zip(found, ROWS):
        assert {k: v for k, v in row.items() if k not in batch.ADDED} == wanted
    assert [row["translation"] for row in found[:8]] == (
        ["Un chien.", None, None, "Un chien.", None, None, "", "Un chat."]
    )
    assert [row["error"] for row in found[:2]] == [None, None]
    assert "UTF-8" in found[2]["error"]
    assert found[4]["error"] == "want text, found int"
    assert found[5]["error"] == "want the field text, found none"
    assert [bool(row["error"]) for row in found[8:]] == [True] * 3
    assert found[0]["score"] == found[3]["score"] < 0
    assert (done.parts, done.texts, done.errors) == (4, 11, 6)


def test_csv(tmp_path, model):
    path = tmp_path / "in.csv"
    rows = [["1", "A dog."], ["2", 'A "cat",\nhere.'], ["3"], ["4", "A dog."]]
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([["id", "text"], *rows])
    with path.open("ab") as file:
        file.write(b"5,\xff dog\n")
    batch.translate_files([path], tmp_path / "out", model, rows=2)
    found = []
    for part in sorted((tmp_path / "out").glob("part-*.csv")):
        with part.open(newline="", errors="surrogateescape") as file:
            found += list(csv.DictReader(file))
    assert [row["text"] for row in found] == (
        ["A dog.", 'A "cat",\nhere.', "", "A dog.", "\udcff dog"]
    )
    assert found[0]["translation"] == found[3]["translation"] == "Un chien."
    assert "cells" in found[2]["error"] and "UTF-8" in found[4]["error"]


@pytest.mark.parametrize("kind", ["string", "large_string", "dictionary"])
def test_parquet(tmp_path, model, kind):
    texts = ["A dog.", None, "A cat.", "A dog.", ""]
    column = {
        "string": pa.array(texts, pa.string()),
        "large_string": pa.array(texts, pa.large_string()),
        "dictionary": pa.array(texts).dictionary_encode(),
    }[kind]
    when = pa.array([1, 2, None, 4, 5], pa.timestamp("us", "Europe/Paris"))
    table = pa.table({"text": column, "when": when})
    pq.write_table(table, tmp_path / "in.parquet", row_group_size=2)
    batch.translate_files([tmp_path / "in.parquet"], tmp_path / "out", model, rows=3)
    parts = sorted((tmp_path / "out").glob("part-*.parquet"))
    found = pa.concat_tables(pq.read_table(part) for part in parts)
    assert [part.num_rows for part in map(pq.read_table, parts)] == [3, 2]
    assert found.select(["text", "when"]).cast(table.schema).equals(table)
    assert found["translation"].to_pylist() == (
        ["Un chien.", None, "Un chat.", "Un chien.", ""]
    )
    assert found.schema.field("score").type == pa.float64()
    assert found["error"].null_count == 5


def test_parquet_with_bytes_that_are_not_utf8(tmp_path, model):
    column = pa.array([b"A dog.", b"\xff"], pa.binary()).view(pa.string())
    pq.write_table(pa.table({"text": column}), tmp_path / "in.parquet")
    batch.translate_files([tmp_path / "in.parquet"], tmp_path / "out", model)
    (part,) = (tmp_path / "out").glob("part-*")
    found = pq.read_table(part)
    assert found["translation"].to_pylist() == ["Un chien.", None]
    assert "UTF-8" in found["error"].to_pylist()[1]


def test_the_same_bits_as_the_program(tmp_path, model, sentences, reference):
    path = write_lines(tmp_path / "in.jsonl", [{"text": text} for text in sentences])
    table = pa.table({"text": sentences})
    pq.write_table(table, tmp_path / "in.parquet")
    batch.translate_files([path, tmp_path / "in.parquet"], tmp_path / "out", model, rows=170)
    for suffix in (".jsonl", ".parquet"):
        found = written(tmp_path / "out", suffix)
        for row, wanted in zip(found, reference, strict=True):
            assert row["translation"] == wanted["text"]
            assert f"{row['score']:.6f}" == f"{wanted['score']:.6f}"


@pytest.mark.parametrize(
    "name, content, options, message",
    [
        ("in.txt", "", {}, "want a name that ends in"),
        ("in.csv", "a,b\n", {}, "text: want a column, found a, b"),
        ("in.csv", "text,score\n", {}, "score: want a new column"),
        ("in.jsonl", '{"text": "a", "error": 1}\n', {}, "error: want a new field"),
        ("in.jsonl", '{"text": "a"}\n', dict(beam_size=1000), "beam_size"),
        ("in.jsonl", '{"text": "a"}\n', dict(rows=0), "want rows from 1"),
        ("in.jsonl", '{"text": "a"}\n', dict(shard=(2, 2)), "a shard i of n"),
    ],
)
def test_refuses(tmp_path, model, name, content, options, message):
    (tmp_path / name).write_text(content)
    with pytest.raises(tessera.Error, match=message):
        batch.translate_files([tmp_path / name], tmp_path / "out", model, **options)


def test_refuses_to_mix_jobs(tmp_path, model):
    path = write_lines(tmp_path / "in.jsonl", ROWS)
    batch.translate_files([path], tmp_path / "out", model)
    for change in (dict(beam_size=1), dict(rows=2), dict(precision="f32")):
        with pytest.raises(tessera.Error, match="give another --output"):
            batch.translate_files([path], tmp_path / "out", model, **change)
    write_lines(path, ROWS[:3])
    with pytest.raises(tessera.Error, match="inputs: want"):
        batch.translate_files([path], tmp_path / "out", model)


def test_does_what_is_missing(tmp_path, model):
    path = write_lines(tmp_path / "in.jsonl", ROWS)
    out = tmp_path / "out"
    batch.translate_files([path], out, model, rows=2)
    wanted = contents(out)
    again = batch.translate_files([path], out, model, rows=2)
    assert (again.parts, again.skipped) == (0, 4)
    (out / "part-0000-000001.jsonl").unlink()
    (out / "part-0000-000003.jsonl.tmp-left").write_text("half")
    with (out / "manifest.jsonl").open("r+b") as file:
        file.truncate(len(wanted["manifest.jsonl"]) - 20)  # cut by a kill
    again = batch.translate_files([path], out, model, rows=2)
    assert (again.parts, again.skipped) == (1, 3)
    assert contents(out) == wanted


def test_shards_make_the_whole(tmp_path, model):
    path = write_lines(tmp_path / "in.jsonl", ROWS)
    batch.translate_files([path], tmp_path / "whole", model, rows=1)
    done = [
        batch.translate_files([path], tmp_path / "out", model, rows=1, shard=(i, 3))
        for i in range(3)
    ]
    assert [one.parts for one in done] == [3, 3, 2]
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")


def command(path, out, model, *arguments):
    made = [sys.executable, "-m", "tessera", "batch", path, "--output", out]
    return [*made, "--model", model, "--quiet", *arguments]


def test_processes_share_by_claims(tmp_path, model, sentences):
    path = write_lines(tmp_path / "in.jsonl", [{"text": t} for t in sentences[:200]])
    batch.translate_files([path], tmp_path / "whole", model, rows=10)
    out = tmp_path / "out"
    (out / "claims").mkdir(parents=True)
    stale = out / "claims/part-0000-000003.jsonl"
    stale.touch()
    os.utime(stale, (0, 0))  # of a process that died
    many = [
        subprocess.Popen(
            command(path, out, model, "--rows", "10", "--claim", "--threads", "1")
        )
        for _ in range(3)
    ]
    assert [one.wait(60) for one in many] == [0, 0, 0]
    assert contents(out) == contents(tmp_path / "whole")


def test_a_live_claim_is_left_alone(tmp_path, model):
    claims = _common_folder.Claims(tmp_path)
    other = _common_folder.Claims(tmp_path)
    assert claims.take("a") and not other.take("a")
    claims.release("a")
    assert other.take("a")
    claims.close(), other.close()
    assert list(tmp_path.iterdir()) == []


def test_sigterm_ends_it_behind_the_open_parts(tmp_path, model, sentences):
    path = write_lines(tmp_path / "in.jsonl", [{"text": t} for t in sentences])
    out = tmp_path / "out"
    running = subprocess.Popen(command(path, out, model, "--rows", "20"))
    while not list(out.glob("part-*.jsonl")):
        time.sleep(0.005)
    running.terminate()
    assert running.wait(60) == 143
    assert 0 < len(list(out.glob("part-*.jsonl"))) < 50
    assert not list(out.glob("*.tmp-*"))


def test_fifty_kills_change_nothing(tmp_path, model, sentences):
    """Killed at any moment, a job goes on and ends as an undisturbed one."""
    texts = [{"n": n, "text": t} for n, t in enumerate(sentences * 2)]
    path = write_lines(tmp_path / "in.jsonl", texts)
    batch.translate_files([path], tmp_path / "whole", model, rows=25)
    wanted = contents(tmp_path / "whole")
    draw = random.Random(1)
    kills, round_, out = 0, 0, tmp_path / "out0"
    while kills < 50:
        running = subprocess.Popen(
            command(path, out, model, "--rows", "25", "--threads", "1")
        )
        try:
            code = running.wait(draw.uniform(0.1, 0.6))
        except subprocess.TimeoutExpired:
            running.send_signal(signal.SIGKILL)
            code = running.wait()
            kills += code == -signal.SIGKILL
        if code == 0:
            assert contents(out) == wanted
            round_ += 1
            out = tmp_path / f"out{round_}"
    assert subprocess.run(command(path, out, model, "--rows", "25")).returncode == 0
    assert contents(out) == wanted
    assert [row["n"] for row in written(out)] == list(range(len(texts)))


def test_equal_texts_are_translated_once(tmp_path, model):
    path = write_lines(tmp_path / "in.jsonl", [{"text": "A dog."}] * 100)
    done = batch.translate_files([path], tmp_path / "out", model, rows=50)
    assert (done.texts, done.translated) == (100, 2)
    assert "98% equal to others" in str(done)


def test_the_command_says_what_is_wrong(tmp_path, model):
    path = write_lines(tmp_path / "in.jsonl", ROWS)
    for arguments, message in (
        (["--set", "beam_sise=1"], "tessera: unknown option beam_sise"),
        (["--precision", "f64"], "tessera: precision: want"),
    ):
        found = subprocess.run(
            command(path, tmp_path / "out", model, *arguments),
            capture_output=True,
            text=True,
        )
        assert found.returncode == 2
        assert message in found.stderr and found.stderr.count("\n") == 1
