"""A folder of Hugging Face's MarianMTModel as a model of Marian itself."""

import json
import os

import numpy as np
from safetensors.numpy import load_file


def layer_names(cross):
    """{(Marian's weight, its bias): Hugging Face's module}."""
    names = {
        ("ffn_W1", "ffn_b1"): "fc1",
        ("ffn_W2", "ffn_b2"): "fc2",
        ("ffn_ffn_ln_scale", "ffn_ffn_ln_bias"): "final_layer_norm",
    }
    blocks = {"self": "self_attn"}
    if cross:
        blocks["context"] = "encoder_attn"
    for ours, theirs in blocks.items():
        for part in "qkv":
            names[f"{ours}_W{part}", f"{ours}_b{part}"] = f"{theirs}.{part}_proj"
        names[f"{ours}_Wo", f"{ours}_bo"] = f"{theirs}.out_proj"
        norm = (f"{ours}_Wo_ln_scale", f"{ours}_Wo_ln_bias")
        names[norm] = f"{theirs}_layer_norm"
    return names


def tensors(folder, config):
    """Marian's tensors: matrices [inputs, outputs], vectors [1, size]."""
    stored = load_file(f"{folder}/model.safetensors")
    stored = {name: t.astype(np.float32) for name, t in stored.items()}
    padding = config["pad_token_id"]
    found = {
        "Wemb": stored["model.shared.weight"][:padding],
        "decoder_ff_logit_out_b": stored["final_logits_bias"][:, :padding],
    }
    for stack in ("encoder", "decoder"):
        names = layer_names(cross=stack == "decoder")
        for i in range(config[f"{stack}_layers"]):
            for (weight, bias), module in names.items():
                theirs = f"model.{stack}.layers.{i}.{module}"
                ours = f"{stack}_l{i + 1}_"
                matrix = stored[f"{theirs}.weight"]
                found[ours + weight] = np.ascontiguousarray(
                    matrix.T if matrix.ndim == 2 else matrix[None]
                )
                found[ours + bias] = np.atleast_2d(stored[f"{theirs}.bias"])
    return found


def settings(config):
    size = config["pad_token_id"]
    return {
        "type": "transformer",
        "version": "v1.12.0",
        "dim-emb": config["d_model"],
        "dim-vocabs": [size, size],
        "enc-depth": config["encoder_layers"],
        "dec-depth": config["decoder_layers"],
        "transformer-dim-ffn": config["encoder_ffn_dim"],
        "transformer-decoder-dim-ffn": config["decoder_ffn_dim"],
        "transformer-ffn-depth": 2,
        "transformer-decoder-ffn-depth": 2,
        "transformer-ffn-activation": config["activation_function"],
        "transformer-heads": config["encoder_attention_heads"],
        "transformer-decoder-autoreg": "self-attention",
        "transformer-dim-aan": 2048,
        "transformer-aan-depth": 2,
        "transformer-aan-activation": "swish",
        "transformer-aan-nogate": False,
        "transformer-no-projection": False,
        "transformer-no-bias": False,
        "transformer-no-affine": False,
        "transformer-preprocess": "",
        "transformer-postprocess": "dan",
        "transformer-postprocess-emb": "d",
        "transformer-postprocess-top": "",
        "transformer-tied-layers": [],
        "transformer-train-position-embeddings": False,
        "transformer-guided-alignment-layer": "last",
        "tied-embeddings": False,
        "tied-embeddings-all": True,
        "tied-embeddings-src": False,
        "skip": False,
        "layer-normalization": False,
        "right-left": False,
        "input-types": [],
        "lemma-dim-emb": 0,
        "factors-combine": "sum",
        "factors-dim-emb": 0,
        "ulr": False,
        "bert-train-type-embeddings": True,
    }


def convert(source, target):
    """Writes model.npz and vocab.yml."""
    with open(f"{source}/config.json", encoding="utf-8") as file:
        config = json.load(file)
    os.makedirs(target, exist_ok=True)
    # JSON is YAML.
    text = json.dumps(settings(config)).encode() + b"\0"
    found = tensors(source, config)
    found["special:model.yml"] = np.frombuffer(text, np.int8)
    np.savez(f"{target}/model.npz", **found)
    with open(f"{source}/vocab.json", encoding="utf-8") as file:
        ids = json.load(file)
    del ids["<pad>"]
    with open(f"{target}/vocab.yml", "w", encoding="utf-8") as file:
        for token, number in ids.items():
            file.write(f"{json.dumps(token, ensure_ascii=False)}: {number}\n")
