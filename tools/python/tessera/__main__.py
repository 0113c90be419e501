"""The command `tessera` of the Python package, and `python -m tessera`."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from . import _tessera, batch


def _shard(text: str) -> tuple[int, int]:
    number, _, count = text.partition("/")
    return int(number), int(count)


def _option(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"want NAME=VALUE, found {text}")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="tessera", description=__doc__)
    made.add_argument("--version", action="version", version=_tessera.version())
    commands = made.add_subparsers(dest="command", required=True)
    of = commands.add_parser(
        "batch",
        help="translate a column of Parquet, JSON lines or CSV",
        description="Translates a column of files into a folder of parts. Started "
        "again, it does what is missing.",
    )
    of.add_argument("inputs", nargs="+", metavar="FILE")
    of.add_argument("--model", required=True, metavar="FOLDER")
    of.add_argument("--output", required=True, metavar="FOLDER")
    of.add_argument("--column", default="text")
    of.add_argument("--rows", type=int, default=10_000, help="records of a part")
    of.add_argument("--threads", type=int, default=0)
    of.add_argument("--precision", default="auto")
    of.add_argument("--batch-size", type=int, default=32)
    of.add_argument(
        "--shard",
        type=_shard,
        default=(0, 1),
        metavar="I/N",
        help="do the parts of process I, from 0, of N",
    )
    of.add_argument(
        "--claim", action="store_true", help="share with others that claim, too"
    )
    of.add_argument(
        "--set",
        type=_option,
        action="append",
        default=[],
        dest="options",
        metavar="NAME=VALUE",
        help="an option of translate(): --set num_beams=1",
    )
    of.add_argument("--quiet", action="store_true")
    return made


def main(arguments: list[str] | None = None) -> int:
    given = vars(parser().parse_args(arguments))
    given.pop("command")
    report = (lambda _: None) if given.pop("quiet") else batch.print_progress
    options = dict(given.pop("options"))
    try:
        done = batch.translate_files(
            given.pop("inputs"),
            given.pop("output"),
            given.pop("model"),
            report=report,
            **given,
            **options,
        )
    except (_tessera.Error, TypeError, OSError) as error:
        print(f"tessera: {error}", file=sys.stderr)
        return 2
    report(done)
    return 143 if done.stopped else 0


if __name__ == "__main__":
    sys.exit(main())
