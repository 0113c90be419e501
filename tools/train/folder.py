"""Folders in Hugging Face's Marian layout: from a Transformer, and back."""

import json
import os
import shutil

import torch
from safetensors.torch import load_file, save_file

from model import MAX_POSITIONS

TRANSFORMERS = "4.57.6"  # the release whose format the folder has


def tensors(model):
    """The model's parameters as (Marian name, parameter or a view of a part).

    Writing to the views writes to the model, so this one list serves both ways.
    """
    yield "model.shared.weight", model.embed
    yield "final_logits_bias", model.bias.view(1, -1)
    for side, stack in (("encoder", model.encoder), ("decoder", model.decoder)):
        for i, layer in enumerate(stack):
            at = f"model.{side}.layers.{i}."
            yield from attention_tensors(at + "self_attn", layer.self_attn)
            yield from whole(at + "self_attn_layer_norm", layer.norm1)
            if layer.cross is not None:
                yield from attention_tensors(at + "encoder_attn", layer.cross)
                yield from whole(at + "encoder_attn_layer_norm", layer.norm2)
            yield from whole(at + "fc1", layer.fc1)
            yield from whole(at + "fc2", layer.fc2)
            yield from whole(at + "final_layer_norm", layer.norm3)


def attention_tensors(name, attention):
    if attention.cross:
        yield from parts([f"{name}.q_proj"], attention.q)
        yield from parts([f"{name}.k_proj", f"{name}.v_proj"], attention.kv)
    else:
        yield from parts([f"{name}.{n}_proj" for n in "qkv"], attention.q)
    yield from whole(f"{name}.out_proj", attention.out)


def parts(names, linear):
    """A linear layer's rows, cut into equal parts with a name each."""
    weights = linear.weight.chunk(len(names))
    biases = linear.bias.chunk(len(names))
    for name, weight, bias in zip(names, weights, biases):
        yield f"{name}.weight", weight
        yield f"{name}.bias", bias


def whole(name, module):
    yield f"{name}.weight", module.weight
    yield f"{name}.bias", module.bias


def restore(model, folder):
    """Takes the weights of a folder that export() wrote."""
    stored = load_file(f"{folder}/model.safetensors")
    with torch.no_grad():
        for name, tensor in tensors(model):
            tensor.copy_(stored[name])


def read_notes(folder):
    """What training.json of a folder tells; without legs where it has none."""
    path = f"{folder}/training.json"
    if not os.path.exists(path):
        return {"legs": []}
    with open(path, encoding="utf-8") as file:
        return {"legs": [], **json.load(file)}


def export(model, options, pieces, notes):
    """Writes the folder options.out, weights in float16.

    options  train.py's arguments.
    pieces   the SentencePieceProcessor of options.spm.
    notes    what training.json shall tell.
    """
    os.makedirs(options.out, exist_ok=True)
    padding = pieces.get_piece_size()
    save_file(
        stored(model, padding),
        f"{options.out}/model.safetensors",
        metadata={"format": "pt"},
    )
    for name in ("source.spm", "target.spm"):
        shutil.copyfile(options.spm, f"{options.out}/{name}")
    vocab = {pieces.id_to_piece(i): i for i in range(padding)}
    vocab["<pad>"] = padding
    write_json(f"{options.out}/vocab.json", vocab, 0)
    for name, content in (
        ("config", config(options, padding)),
        ("generation_config", generation(padding)),
    ):
        content = {**content, "transformers_version": TRANSFORMERS}
        content = dict(sorted(content.items()))
        write_json(f"{options.out}/{name}.json", content, 2)
    write_json(f"{options.out}/tokenizer_config.json", tokenizer(options), 1)
    write_json(f"{options.out}/training.json", notes, 1)
    for name in os.listdir(options.out):
        os.chmod(f"{options.out}/{name}", 0o644)


def stored(model, padding):
    """Tensors as stored: float16, the embedding of the padding id zeros."""
    state = {
        name: tensor.detach().half().cpu().clone().contiguous()
        for name, tensor in tensors(model)
    }
    state["model.shared.weight"][padding] = 0
    return state


def special_ids(padding):
    return {
        "pad_token_id": padding,
        "decoder_start_token_id": padding,
        "eos_token_id": 0,
        "forced_eos_token_id": 0,
    }


def config(options, padding):
    """config.json, as Transformers' MarianConfig writes it."""
    sides = {}
    for side, layers in (("encoder", options.enc), ("decoder", options.dec)):
        sides[f"{side}_layers"] = layers
        sides[f"{side}_ffn_dim"] = options.ffn
        sides[f"{side}_attention_heads"] = options.heads
        sides[f"{side}_layerdrop"] = 0.0
    return {
        "architectures": ["MarianMTModel"],
        "model_type": "marian",
        "is_encoder_decoder": True,
        "dtype": "float16",
        "vocab_size": padding + 1,
        "decoder_vocab_size": padding + 1,
        "d_model": options.d,
        "num_hidden_layers": options.enc,
        **sides,
        "activation_function": "relu",
        "activation_dropout": 0.0,
        "attention_dropout": 0.0,
        "dropout": 0.1,
        "init_std": 0.02,
        "scale_embedding": True,
        "max_position_embeddings": MAX_POSITIONS,
        "share_encoder_decoder_embeddings": True,
        "use_cache": True,
        **special_ids(padding),
    }


def generation(padding):
    """generation_config.json: beam search with 4 beams, a sentence at a time, as
    the model is trained."""
    return {
        "num_beams": 4,
        "split": "sentences",
        "max_length": MAX_POSITIONS,
        "bad_words_ids": [[padding]],
        "bos_token_id": 0,
        **special_ids(padding),
    }


def tokenizer(options):
    return {
        "source_lang": options.languages[0],
        "target_lang": options.languages[1],
        "model_max_length": MAX_POSITIONS,
        "tokenizer_class": "MarianTokenizer",
        "separate_vocabs": False,
    }


def write_json(path, content, indent):
    with open(path, "w", encoding="utf-8") as file:
        json.dump(content, file, ensure_ascii=False, indent=indent)
        file.write("\n")
