"""Whole folders of a few kilobytes, and options of a text for one."""
import json
import random
import struct

from .common import GOLDEN, hostile_json, safetensors, write, write_json


WORDS = {"tokenizer_class": "TesseraWords", "source_eos": True, "pad_token": "<pad>",
         "unk_token": "<unk>", "bos_token": "<s>", "eos_token": "</s>"}


def vocabulary(size, end):
    words = ["</s>", "<pad>", "<unk>", "<s>"] + [
        chr(97 + i % 26) * (1 + i // 26) for i in range(size - 4)]
    return {word: (end + i) % size for i, word in enumerate(words)}


def folder(*files):
    data = b""
    for file in files:
        text = file if isinstance(file, bytes) else json.dumps(file).encode()
        data += struct.pack("<I", len(text)) + text
    return data


def tiny_marian(unused=False, differing=False):
    tensors = {}

    def add(name, *shape):
        count = 1
        for size in shape:
            count *= size
        values = [random.uniform(-1, 1) for _ in range(count)]
        tensors[name] = ("F32", list(shape), struct.pack(f"<{count}f", *values))

    def attention(name):
        for each in ("q_proj", "k_proj", "v_proj", "out_proj"):
            add(f"{name}.{each}.weight", 4, 4)
            add(f"{name}.{each}.bias", 4)
        for part in ("weight", "bias"):
            add(f"{name}_layer_norm.{part}", 4)

    add("model.shared.weight", 8, 4)
    for stack, kinds in (("encoder", ["self_attn"]),
                         ("decoder", ["self_attn", "encoder_attn"])):
        layer = f"model.{stack}.layers.0"
        for kind in kinds:
            attention(f"{layer}.{kind}")
        for name, rows, columns in (("fc1", 6, 4), ("fc2", 4, 6)):
            add(f"{layer}.{name}.weight", rows, columns)
            add(f"{layer}.{name}.bias", rows)
        for part in ("weight", "bias"):
            add(f"{layer}.final_layer_norm.{part}", 4)
    add("final_logits_bias", 1, 8)
    if unused:
        add("other", 2)
    if differing:
        add("lm_head.weight", 8, 4)
    return safetensors(tensors)


def folders():
    config = {"model_type": "marian", "d_model": 4, "encoder_layers": 1,
              "decoder_layers": 1, "encoder_attention_heads": 2,
              "decoder_attention_heads": 2, "encoder_ffn_dim": 6,
              "decoder_ffn_dim": 6, "max_position_embeddings": 16, "vocab_size": 8,
              "pad_token_id": 7, "activation_function": "swish"}
    generation = {"eos_token_id": 0, "pad_token_id": 7, "decoder_start_token_id": 7,
                  "bad_words_ids": [[7]], "num_beams": 4, "max_length": 16}
    parts = [config, generation, WORDS, vocabulary(8, 0), vocabulary(8, 0),
             tiny_marian()]
    write("folder", "good", folder(*parts))
    write("folder", "unused", folder(*parts[:5], tiny_marian(unused=True)))
    write("folder", "differing", folder(*parts[:5], tiny_marian(differing=True)))
    write("folder", "derived", folder(
        config | {"num_beams": 2}, generation | {"_from_model_config": True}, *parts[2:]))
    write("folder", "empty", b"")
    write("folder", "no_weights", folder(*parts[:5]))
    for key, value in (("d_model", 6), ("decoder_layers", 2), ("vocab_size", 9),
                       ("encoder_ffn_dim", 7), ("max_position_embeddings", 2**31)):
        write("folder", "hostile_" + key, folder(config | {key: value}, *parts[1:]))
    for name in ("t5/t5_no_repeat", "bart/bart_no_repeat", "family/head_width_1",
                 "family/per_head_row", "family/two_step_row", "family/padding_seen",
                 "family/paper_one_branch", "family/additive"):
        path = GOLDEN / name
        config = json.loads((path / "config.json").read_text())
        file = path / "generation_config.json"
        generation = json.loads(file.read_text()) if file.exists() else config
        end = generation["eos_token_id"]
        end = end[0] if isinstance(end, list) else end
        sizes = [config.get(f"{side}_vocab_size", config.get("vocab_size"))
                 for side in ("source", "target")]
        write("folder", path.name,
              folder(config, generation, WORDS, vocabulary(sizes[0], end),
                     vocabulary(sizes[1], end), (path / "model.safetensors").read_bytes()))


def options():
    for name, values in {
            "beam_size": [1, 4, 512], "n_best": [1, 3], "length_penalty": [-10, 0, 2.5],
            "early_stopping": [True, False, "never", "top_beam"], "max_length": [2, 16],
            "max_new_tokens": [1, 9], "min_length": [3], "min_new_tokens": [2],
            "length_decay": [[2, 1.5]], "repetition_penalty": [0.5, 100],
            "encoder_repetition_penalty": [2], "no_repeat_ngram_size": [1, 2],
            "encoder_no_repeat_ngram_size": [1], "bad_words": [[[4], [5, 6]], []],
            "sequence_bias": [[[[4, 5], -3.5]]], "suppress_tokens": [[4, 5]],
            "begin_suppress_tokens": [[0]], "forced_first_token": [4],
            "forced_last_token": [0], "renormalize_logits": [True],
            "target_prefix": [[4, 5]], "required_words": [[[4, 5], [6]]],
            "alternatives": [3], "source_lang": ["en"], "target_lang": ["\u001b"],
            "truncate": [True], "split": ["sentences", "none"], "normalize": [True],
            "keep": [["a+", "b"], ["("]], "keep_placeholders": [True],
            "time_limit": [0.5, 1e-9], "seed": [2**63], "unknown": [0]}.items():
        for i, value in enumerate(values):
            write_json("options", f"{name}_{i}", {name: value})
    write_json("options", "sampling", {
        "sample": True, "seed": 7, "temperature": 2, "top_k": 3, "top_p": 0.9,
        "min_p": 0.01, "typical_p": 0.9, "epsilon_cutoff": 0.01, "eta_cutoff": 0.01})
    write_json("options", "groups", {
        "beam_size": 4, "beam_groups": 2, "diversity_penalty": 0.5})
    write_json("options", "words", {"beam_size": 4, "required_words": [[4], [5]]})
    hostile_json("options")


def make():
    folders()
    options()
