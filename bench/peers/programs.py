"""The programs that run.py sets beside each other, and how each is started."""

import contextlib
import dataclasses
import importlib.util
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable

import marian_model
from workloads import BATCH

SIDES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "sides")

SECONDS_A_RUN = 900

# A cap on the instruction set, for those that can be told.
ISA_CAPS = {
    "avx2": {
        "TESSERA_ISA": "avx2",
        "CT2_FORCE_CPU_ISA": "AVX2",
        "ONEDNN_MAX_CPU_ISA": "AVX2",
        "DNNL_MAX_CPU_ISA": "AVX2",
        "MKL_ENABLE_INSTRUCTIONS": "AVX2",
        "ATEN_CPU_CAPABILITY": "avx2",
    }
}


class Gap(Exception):
    """Why a program has no figure."""


def prepare_nothing(_workload, _precision, _target):
    pass


def convert_ctranslate2(workload, precision, target):
    import ctranslate2
    from ctranslate2.converters import TransformersConverter

    kind = {"f32": "float32", "bf16": "bfloat16", "int8": "int8"}[precision]
    if kind not in ctranslate2.get_supported_compute_types("cpu"):
        raise Gap(f"this build has no {kind} on this CPU")
    TransformersConverter(workload.folder).convert(target, quantization=kind)


def convert_marian(workload, precision, target):
    marian_model.convert(workload.folder, target)
    if precision == "int8":
        quantise_marian(target)


def quantise_marian(folder):
    """intgemm8 is prepared for the CPU at hand while it is loaded."""
    command = [sys.executable, "-m", "pymarian", "convert"]
    command += ["--gemm-type", "intgemm8"]
    command += ["--from", f"{folder}/model.npz", "--to", f"{folder}/model.bin"]
    done = subprocess.run(command, capture_output=True, encoding="utf-8")
    if done.returncode != 0:
        raise Gap(complaint(done.stderr))
    os.remove(f"{folder}/model.npz")


def convert_onnxruntime(workload, precision, target):
    from optimum.onnxruntime import ORTModelForSeq2SeqLM

    model = ORTModelForSeq2SeqLM.from_pretrained(workload.folder, export=True)
    model.save_pretrained(target)
    if precision == "int8":
        quantise_onnx(target)


def quantise_onnx(folder):
    """Weights to int8, in place; activations follow at run time."""
    from onnxruntime.quantization import quantize_dynamic

    for name in os.listdir(folder):
        if name.endswith(".onnx"):
            path = f"{folder}/{name}"
            options = {"EnableSubgraph": True}
            quantize_dynamic(path, f"{path}.int8", extra_options=options)
            os.replace(f"{path}.int8", path)


def convert_openvino(workload, precision, target):
    from optimum.intel import OVModelForSeq2SeqLM

    model = OVModelForSeq2SeqLM.from_pretrained(
        workload.folder, export=True, load_in_8bit=precision == "int8"
    )
    model.save_pretrained(target)


@dataclasses.dataclass(frozen=True)
class Program:
    name: str
    precision: str
    packages: tuple = ()
    side: str = ""  # a file of sides/; none: Tessera
    convert: Callable = prepare_nothing

    def __str__(self):
        return f"{self.name} {self.precision}"

    @property
    def options(self):
        """What names it on the command line, with others or alone."""
        name = self.name.lower().replace(" ", "")
        return [name, f"{name}-{self.precision}"]

    @property
    def is_tessera(self):
        return not self.side


def of_each(precisions, **settings):
    return [Program(precision=precision, **settings) for precision in precisions]


PROGRAMS = [
    *of_each(["auto", "f32", "bf16", "int8"], name="Tessera"),
    *of_each(
        ["f32", "bf16", "int8"],
        name="CTranslate2",
        packages=("ctranslate2", "transformers", "torch"),
        side="ctranslate2_side.py",
        convert=convert_ctranslate2,
    ),
    *of_each(
        ["f32", "int8"],
        name="Marian",
        packages=("pymarian",),
        side="marian_side.py",
        convert=convert_marian,
    ),
    *of_each(
        ["f32", "bf16"],
        name="Transformers",
        packages=("transformers", "torch"),
        side="transformers_side.py",
    ),
    *of_each(
        ["f32", "int8"],
        name="ONNX Runtime",
        packages=("optimum", "onnxruntime", "onnx", "torch"),
        side="onnxruntime_side.py",
        convert=convert_onnxruntime,
    ),
    *of_each(
        ["f32", "int8"],
        name="OpenVINO",
        packages=("optimum", "openvino", "nncf", "torch"),
        side="openvino_side.py",
        convert=convert_openvino,
    ),
]


def complaint(text):
    """What a program or an exception has to say, in one line."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if "error" in line.lower()]
    return ([*errors, *lines[-1:], "no message"])[0][:160]


class Runner:
    """Runs programs, a process each; remembers what they were prepared with."""

    def __init__(self, bench, cache, isa=None):
        self.bench = bench
        self.cache = cache
        self.environment = {**os.environ, **ISA_CAPS.get(isa, {})}

    def prepare(self, program, workload):
        """Converts the model, once. Raises Gap."""
        for package in program.packages:
            if importlib.util.find_spec(package) is None:
                raise Gap(f"not installed: no package {package}")
        target = self.converted(program, workload)
        if os.path.exists(target) or program.convert is prepare_nothing:
            return
        part = f"{target}.part"
        try:
            # Converters talk on standard output, which is the table's.
            with contextlib.redirect_stdout(sys.stderr):
                program.convert(workload, program.precision, part)
        except Gap:
            raise
        except Exception as error:  # whatever a peer's converter throws
            raise Gap(f"conversion: {complaint(str(error))}") from error
        os.rename(part, target)

    def run(self, program, workload, case, threads, count):
        """{"tokens", "seconds", "load_seconds", "peak_bytes", "texts"}."""
        if program.is_tessera:
            return self.run_tessera(program, workload, case, threads, count)
        job = self.write_job(program, workload, case, threads, count)
        result = self.start([sys.executable, f"{SIDES}/{program.side}", job])
        tokenizer = workload.tokenizer
        result["texts"] = [
            tokenizer.text([tokenizer.tokens.get(t, t) for t in output])
            for output in result.pop("outputs")
        ]
        return result

    def run_tessera(self, program, workload, case, threads, count):
        lines, texts = f"{self.cache}/lines", f"{self.cache}/texts"
        with open(lines, "w", encoding="utf-8") as file:
            file.writelines(line + "\n" for line in workload.lines[:count])
        command = [self.bench, "--model", workload.folder, "--input", lines]
        command += ["--outputs", texts, "--precision", program.precision]
        command += ["--beam-size", str(case.beam_size)]
        command += ["--threads", str(threads), "--repeats", "1"]
        command += ["--batch-size", str(BATCH)]
        result = self.start(command + (["--alone"] if case.alone else []))
        with open(texts, encoding="utf-8") as file:
            result["texts"] = file.read().splitlines()
        return result

    def converted(self, program, workload):
        name = f"{workload.name}-{program}".lower().replace(" ", "-")
        return f"{self.cache}/{name}"

    def write_job(self, program, workload, case, threads, count):
        sources = workload.sources(count)
        ids = workload.tokenizer.ids
        job = {
            "model": workload.folder,
            "converted": self.converted(program, workload),
            "precision": program.precision,
            "threads": threads,
            "batch_size": BATCH,
            "alone": case.alone,
            "beam_size": case.beam_size,
            # max_length counts the start token.
            "new_tokens": workload.settings["max_length"] - 1,
            "least_tokens": max(workload.settings.get("min_length", 0) - 1, 0),
            "length_penalty": workload.settings.get("length_penalty", 1.0),
            "target": workload.target,
            "sources": sources,
            "source_ids": [[ids[p] for p in pieces] for pieces in sources],
        }
        path = f"{self.cache}/job.json"
        with open(path, "w", encoding="utf-8") as file:
            json.dump(job, file)
        return path

    def start(self, command):
        """What the command says in its last line. Raises Gap."""
        try:
            done = subprocess.run(
                command,
                env=self.environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                encoding="utf-8",
                timeout=SECONDS_A_RUN,
            )
        except subprocess.TimeoutExpired:
            raise Gap(f"took more than {SECONDS_A_RUN} s") from None
        if done.returncode != 0:
            raise Gap(complaint(done.stderr))
        return json.loads(done.stdout.splitlines()[-1])

    def about(self, programs, workload):
        """The instructions and libraries that CTranslate2 chose."""
        for program in programs:
            if program.name == "CTranslate2":
                return f"CTranslate2: {self.about_ctranslate2(program, workload)}"
        return "no CTranslate2"

    def about_ctranslate2(self, program, workload):
        folder = self.converted(program, workload)
        code = f"import ctranslate2; ctranslate2.Translator({folder!r})"
        done = subprocess.run(
            [sys.executable, "-c", code],
            env={**self.environment, "CT2_VERBOSE": "1"},
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )
        wanted = r"(?:Selected ISA|Use Intel MKL|SGEMM backend): .*"
        return ", ".join(re.findall(wanted, done.stderr))
