"""Test sentences and Tessera's answers, for the comparisons beside it."""

import json
import statistics
import subprocess


def read_lines(path):
    """[[English, reference, ...]] of a file with tabs between them."""
    with open(path, encoding="utf-8") as file:
        return [line.rstrip("\n").split("\t") for line in file]


def tessera_outputs(binary, model, lines, beam_size):
    """{"ids", "score", "text"} a line, by `tessera translate` in float32."""
    command = [binary, "translate", "--model", model, "--format", "json"]
    command += ["--split", "none"]
    command += ["--precision", "f32"]
    command += ["--beam-size", str(beam_size)]
    done = subprocess.run(
        command,
        input="".join(line + "\n" for line in lines),
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )
    answers = [json.loads(line) for line in done.stdout.split("\n") if line]
    if done.returncode != 0 or len(answers) != len(lines):
        raise SystemExit(
            f"{' '.join(command)}: want exit 0 and {len(lines)} lines, "
            f"found exit {done.returncode} and {len(answers)} lines"
        )
    best = [answer["translations"][0] for answer in answers]
    return [{key: b[key] for key in ("ids", "score", "text")} for b in best]


def markdown(header, rows):
    """A table; the first column is text, the others are figures."""
    lines = [header, ["---"] + ["---:"] * (len(header) - 1), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def median(values):
    return statistics.median(values)
