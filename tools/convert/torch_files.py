"""Reads files of torch.save without executing anything that is in them."""

import argparse
import pickle
import re
import types
import warnings
import zipfile

import torch

from rules import ConvertError

# The first pickle of a file that torch.save wrote before PyTorch 1.6.
MAGIC = 0x1950A86A20F9469CFC6C


class PlainUnpickler(pickle.Unpickler):
    """Numbers, strings, lists, tuples, dicts, and two classes as plain ones.

    A pickle can call whatever find_class gives it, so it gives no more than
    two types of which neither construction nor attributes have effects.
    """

    STAND_INS = {
        ("argparse", "Namespace"): types.SimpleNamespace,
        ("collections", "Counter"): dict,
    }

    def find_class(self, module, name):
        if (module, name) not in self.STAND_INS:
            raise refused(f"{module}.{name}")
        return self.STAND_INS[module, name]


def refused(name):
    return ConvertError(f"refused, it names {name}: nothing in it was executed")


def read_plain(path):
    """What a file of torch.save holds if that is plain data, no tensor."""
    try:
        with open(path, "rb") as file:
            if zipfile.is_zipfile(file):
                return from_zip(file)
            file.seek(0)
            return from_old_format(file)
    except (OSError, ConvertError) as error:
        raise ConvertError(f"{path}: {error}") from error
    except Exception as error:  # a bad pickle can raise anything
        raise ConvertError(f"{path}: no file of torch.save: {error}") from error


def from_zip(file):
    with zipfile.ZipFile(file) as archive:
        names = [n for n in archive.namelist() if n.endswith("/data.pkl")]
        if len(names) != 1:
            raise ConvertError(f"want one data.pkl, found {len(names)}")
        with archive.open(names[0]) as data:
            return PlainUnpickler(data).load()


def from_old_format(file):
    """Magic number, protocol and machine first, each a pickle of its own."""
    first = PlainUnpickler(file).load()
    if first != MAGIC:
        raise ConvertError("no file of torch.save")
    for _ in range(2):
        PlainUnpickler(file).load()
    return PlainUnpickler(file).load()


def read_checkpoint(path):
    """What a file of torch.save holds: tensors, plain data, Namespaces."""
    try:
        with (
            warnings.catch_warnings(action="ignore"),
            torch.serialization.safe_globals([argparse.Namespace]),
        ):
            return torch.load(path, map_location="cpu", weights_only=True)
    except OSError as error:
        raise ConvertError(f"{path}: {error}") from error
    except Exception as error:  # a bad file can raise anything
        name = re.search(r"GLOBAL ([\w.]+)", str(error))
        if name:
            raise ConvertError(f"{path}: {refused(name[1])}") from error
        reason = re.search(r"WeightsUnpickler error: (.*)", str(error))
        reason = reason[1] if reason else str(error).strip().split("\n")[0]
        raise ConvertError(
            f"{path}: no checkpoint of torch.save: {reason}"
        ) from error


def arrays(state, path):
    """name -> f32 array, of a state_dict."""
    if not isinstance(state, dict):
        raise ConvertError(f"{path}: want a state_dict")
    for name, tensor in state.items():
        if not isinstance(tensor, torch.Tensor):
            raise ConvertError(f"{path}: {name}: want a tensor")
        if tensor.dtype != torch.float32 or tensor.layout != torch.strided:
            found = f"{tensor.dtype} {list(tensor.shape)}"
            raise ConvertError(f"{path}: {name}: want float32, found {found}")
    return {name: tensor.detach().numpy() for name, tensor in state.items()}
