"""How a tiny model lies in a folder: settings, and weights under the names and of
the types that its spec asks for."""

import json

import torch
from huggingface_hub import save_torch_state_dict

import reference

# Names that a tied embedding can have, the usual one first.
EMBEDDINGS = [
    "model.shared.weight",
    "model.encoder.embed_tokens.weight",
    "model.decoder.embed_tokens.weight",
    "lm_head.weight",
]


def stored_type(name, tensor, dtype):
    if dtype != "mixed":
        return getattr(torch, dtype)
    if name in EMBEDDINGS:
        return torch.bfloat16
    return torch.float16 if tensor.dim() == 2 else torch.float32


def stored_tensors(model, store):
    """What goes into the file: name -> tensor of the stored type."""
    state = dict(model.state_dict())
    if not store.get("positions"):
        for side in ("encoder", "decoder"):
            del state[f"model.{side}.embed_positions.weight"]
    # Of names that share memory, keep one: the alias wanted or the usual one.
    place = {}
    for name in [store.get("embedding"), *EMBEDDINGS]:
        if name in state:
            place.setdefault(state[name].data_ptr(), name)
    for name in EMBEDDINGS:
        if name in state and place[state[name].data_ptr()] != name:
            del state[name]
    dtype = store.get("dtype", "float32")
    state = {n: t.to(stored_type(n, t, dtype)) for n, t in state.items()}
    if store.get("headless"):
        del state["final_logits_bias"]
        state = {n.removeprefix("model."): t for n, t in state.items()}
    return state


def round_to_stored(model, store):
    """Gives the model the values that the file holds."""
    dtype = store.get("dtype", "float32")
    with torch.no_grad():
        for name, tensor in model.state_dict().items():
            if "embed_positions" not in name or store.get("positions"):
                tensor.copy_(tensor.to(stored_type(name, tensor, dtype)))


def settings(model):
    content = model.generation_config.to_diff_dict()
    content.pop("_from_model_config", None)
    return content


def write_settings(model, spec, config, folder):
    if spec.get("store", {}).get("settings") == "config.json":
        for key, value in settings(model).items():
            setattr(config, key, value)
    else:
        model.generation_config.save_pretrained(folder)
    config.architectures = ["MarianMTModel"]
    with open(f"{folder}/config.json", "w", encoding="utf-8") as file:
        json.dump(config.to_diff_dict(), file, indent=2, sort_keys=True)
        file.write("\n")


def write_weights(model, store, folder):
    save_torch_state_dict(
        stored_tensors(model, store),
        folder,
        max_shard_size=store.get("shard", 1 << 30),
        metadata={"format": "pt"},
    )


def loads_alike(model, folder):
    """Whether Transformers reads the folder as the same model."""
    try:
        other = reference.load(folder)
    except RuntimeError:
        return False
    ours, theirs = model.state_dict(), other.state_dict()
    if any(tensor.is_meta for tensor in theirs.values()):
        return False  # a tied matrix was not found under the name it has here
    same = all(torch.equal(ours[n], theirs[n]) for n in ours)
    return same and settings(model) == settings(other)
