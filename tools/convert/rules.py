"""Rules that make the tensors of a model folder of a checkpoint's variables."""

import dataclasses
from typing import Callable

import numpy as np

# An error names so many variables; of more it tells the number.
MOST_NAMED = 6


class ConvertError(Exception):
    """What is wrong with the input, in one line."""


def first(arrays):
    return arrays[0]


def transposed(arrays):
    return arrays[0].T


@dataclasses.dataclass(frozen=True)
class Rule:
    """A tensor and the variables that it is made of.

    target   its name; None: the variables must be there, but are not used
    sources  names of variables
    shape    of each of them; all are f32
    make     a list of their arrays -> the tensor
    """

    target: str | None
    sources: list[str]
    shape: tuple[int, ...]
    make: Callable = first


def convert(rules, variables, file):
    """name -> f32 array, from variables (name -> array) of a checkpoint.

    Raises ConvertError unless the variables are exactly those of the rules.
    """
    check(rules, variables, file)
    tensors = {}
    for rule in rules:
        if rule.target is not None:
            arrays = [variables[source] for source in rule.sources]
            try:
                tensor = rule.make(arrays)
            except ConvertError as error:
                raise ConvertError(f"{file}: {error}") from error
            tensors[rule.target] = np.ascontiguousarray(tensor)
    return tensors


def check(rules, variables, file):
    wanted = {name: rule.shape for rule in rules for name in rule.sources}
    wrong = []
    for name, shape in wanted.items():
        if name not in variables:
            wrong.append(f"{name}: want {described('float32', shape)}, missing")
            continue
        array = variables[name]
        if array.shape != tuple(shape) or array.dtype != np.float32:
            found = described(array.dtype, array.shape)
            want = described("float32", shape)
            wrong.append(f"{name}: want {want}, found {found}")
    for name in sorted(set(variables) - set(wanted)):
        array = variables[name]
        found = described(array.dtype, array.shape)
        wrong.append(f"{name}: want no such variable, found {found}")
    if wrong:
        more = len(wrong) - MOST_NAMED
        tail = f"; and {more} more" if more > 0 else ""
        raise ConvertError(f"{file}: {'; '.join(wrong[:MOST_NAMED])}{tail}")


def described(dtype, shape):
    return f"{dtype} [{', '.join(str(size) for size in shape)}]"
