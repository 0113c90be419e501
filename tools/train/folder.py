"""Folders in Hugging Face's Marian layout: from a Transformer, and back."""

import json
import os
import shutil

import torch
from safetensors.torch import load_file
from transformers import GenerationConfig, MarianConfig, MarianMTModel

from model import MAX_POSITIONS


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
            tensor.copy_(stored[name].float())


def export(model, options, pieces, notes):
    """Writes the folder options.out, weights in float16.

    options  train.py's arguments.
    pieces   the SentencePieceProcessor of options.spm.
    notes    what training.json shall tell.
    """
    os.makedirs(options.out, exist_ok=True)
    to_marian(model, options).half().save_pretrained(options.out)
    for name in ("source.spm", "target.spm"):
        shutil.copy(options.spm, f"{options.out}/{name}")
    padding = pieces.get_piece_size()
    vocab = {pieces.id_to_piece(i): i for i in range(padding)}
    vocab["<pad>"] = padding
    tokenizer = {
        "source_lang": options.languages[0],
        "target_lang": options.languages[1],
        "model_max_length": MAX_POSITIONS,
        "tokenizer_class": "MarianTokenizer",
        "separate_vocabs": False,
    }
    write_json(f"{options.out}/vocab.json", vocab, 0)
    write_json(f"{options.out}/tokenizer_config.json", tokenizer, 1)
    write_json(f"{options.out}/training.json", notes, 1)
    for name in os.listdir(options.out):
        os.chmod(f"{options.out}/{name}", 0o644)


def to_marian(model, options):
    """The same model as Transformers' class, with its decoding settings."""
    padding = model.embed.shape[0] - 1
    ids = {
        "pad_token_id": padding,
        "decoder_start_token_id": padding,
        "eos_token_id": 0,
        "forced_eos_token_id": 0,
    }
    config = MarianConfig(
        vocab_size=padding + 1,
        d_model=options.d,
        encoder_layers=options.enc,
        decoder_layers=options.dec,
        encoder_ffn_dim=options.ffn,
        decoder_ffn_dim=options.ffn,
        encoder_attention_heads=options.heads,
        decoder_attention_heads=options.heads,
        activation_function="relu",
        scale_embedding=True,
        max_position_embeddings=MAX_POSITIONS,
        share_encoder_decoder_embeddings=True,
        **ids,
    )
    marian = MarianMTModel(config)
    state = {n: t.detach().clone() for n, t in tensors(model)}
    state["model.shared.weight"][padding] = 0
    missing, unexpected = marian.load_state_dict(state, strict=False)
    computed_or_tied = ("embed_positions", "embed_tokens", "lm_head")
    left = [n for n in missing if not any(c in n for c in computed_or_tied)]
    if left or unexpected:
        raise RuntimeError(f"unknown: {unexpected}, not filled: {left}")
    marian.tie_weights()
    marian.generation_config = GenerationConfig(
        num_beams=4,
        max_length=MAX_POSITIONS,
        bad_words_ids=[[padding]],
        bos_token_id=0,
        **ids,
    )
    return marian


def write_json(path, content, indent):
    with open(path, "w", encoding="utf-8") as file:
        json.dump(content, file, ensure_ascii=False, indent=indent)
        file.write("\n")
