"""config.json and generation_config.json."""
import random

from .common import distinct, hostile_json, write, write_json


def make():
    for target, file, most in (("config", "config.json", 40),
                               ("generation", "generation_config.json", 40)):
        files = distinct("*/*/" + file)
        for name in random.sample(sorted(files), most):
            write(target, name, files[name])
        hostile_json(target)
    generations()
    contradictions()


def contradictions():
    """Configurations of which two keys do not go together, family by family."""
    transformer = {
        "model_type": "tessera_transformer", "d_model": 12, "num_heads": 2, "ffn_dim": 6,
        "encoder_layers": 1, "decoder_layers": 1, "source_vocab_size": 30,
        "target_vocab_size": 30, "max_source_positions": 24, "max_target_positions": 20,
        "pad_token_id": 0}
    for name, keys in {
            "heads": {"num_heads": 5}, "epsilon": {"norm_epsilon": 0},
            "columns": {"output_projection": False, "value_width": 5},
            "bias": {"output_projection": False, "output_projection_bias": True},
            "one": {"d_model": 1, "num_heads": 1, "norm_form": "unbiased"},
            "branch_ffn": {"branch_ffn": "shared"}, "choice": {"score": "x\x1b"},
            "branches": {"branches": "paper", "output_projection": False},
            "branches_pre": {"branches": "jayparks_head", "norm_position": "pre"},
            "branches_width": {"branches": "paper", "ffn_dim": 7},
            "shared": {"share_embeddings": True, "target_vocab_size": 31},
            "filled": {"fill_source": True, "max_source_positions": 5000, "pad_keys": "seen"},
            "filled_masked": {"fill_source": True}, "first_layer": {"pad_keys": "first_layer"},
            "no_positions": {"positions": "none", "position_offset": 1},
            "no_zeros": {"positions": "none", "positions_skip_zeros": True},
            "positions": {"d_model": 60000, "max_source_positions": 1000000},
            "unknown_key": {"x\x1b": 1}}.items():
        write_json("config", "transformer_" + name, transformer | keys)
    t5 = {"model_type": "t5", "d_model": 8, "d_kv": 4, "num_heads": 2, "num_layers": 1,
          "d_ff": 8, "vocab_size": 30}
    for name, keys in {
            "tied_stacks": {"tie_encoder_decoder": True}, "alias": {"hidden_size": 8},
            "other_alias": {"head_dim": 5}, "wide": {"num_heads": 4096, "d_kv": 65536},
            "reach": {"relative_attention_max_distance": 3}, "proj": {"feed_forward_proj": "x"},
            "gated": {"feed_forward_proj": "gated-gelu", "is_gated_act": False},
            "act": {"feed_forward_proj": "gated-gelu", "dense_act_fn": "relu"},
            "epsilon": {"layer_norm_epsilon": 2}, "pad": {"pad_token_id": 30},
            "mt5_5": {"model_type": "mt5", "tie_word_embeddings": True,
                      "transformers_version": "5.0.0"}}.items():
        write_json("config", "t5_" + name, t5 | keys)
    for name, keys in {
            "heads": {"model_type": "bart", "d_model": 10, "encoder_attention_heads": 3},
            "narrow": {"model_type": "m2m_100", "d_model": 2, "encoder_attention_heads": 1,
                       "decoder_attention_heads": 1},
            "positions": {"model_type": "marian", "max_position_embeddings": 10**6,
                          "d_model": 65536},
            "forced": {"model_type": "bart", "force_bos_token_to_be_generated": True},
            "default_pad": {"model_type": "marian", "vocab_size": 9},
            "default_end": {"model_type": "bart", "vocab_size": 2, "pad_token_id": 1},
            "activation": {"model_type": "bart", "activation_function": "x"}}.items():
        write_json("config", "bart_" + name, keys)


def generations():
    for name, keys in {
            "groups": {"num_beams": 4, "num_beam_groups": 3}, "early": {"early_stopping": "x"},
            "form": {"length_penalty_form": 1}, "split": {"split": "x\x1b"},
            "decay": {"exponential_decay_length_penalty": [1.5, 1]},
            "decay_text": {"exponential_decay_length_penalty": "a"},
            "temperature": {"temperature": "a"}, "sample": {"do_sample": True, "top_p": "a"},
            "top_k": {"top_k": 7}, "no_top_k": {"top_k": None}, "eos": {"eos_token_id": "a"},
            "bad_words": {"bad_words_ids": [["a"]]}, "no_words": {"bad_words_ids": 1},
            "empty_words": {"bad_words_ids": [[]]}, "penalty": {"repetition_penalty": 0},
            "bias": {"sequence_bias": [[["a"], 1]]}, "bias_pair": {"sequence_bias": [1]},
            "list": {"suppress_tokens": ["a"]}, "derived": {"_from_model_config": True}}.items():
        write_json("generation", "odd_" + name, {
            "eos_token_id": 0, "pad_token_id": 1, "decoder_start_token_id": 1} | keys)
    everything = {
        "num_beams": 4, "num_return_sequences": 2, "num_beam_groups": 2,
        "diversity_penalty": 0.5, "max_new_tokens": 9, "min_new_tokens": 1,
        "length_penalty": -2.5, "length_penalty_form": "gnmt",
        "early_stopping": "never", "renormalize_logits": True,
        "eos_token_id": [0, 3], "pad_token_id": 1, "decoder_start_token_id": 2,
        "bos_token_id": 4, "forced_bos_token_id": 5, "forced_eos_token_id": [0],
        "bad_words_ids": [[6], [7, 8]], "no_repeat_ngram_size": 3,
        "encoder_no_repeat_ngram_size": 2, "suppress_tokens": [9],
        "begin_suppress_tokens": [10], "repetition_penalty": 1.5,
        "encoder_repetition_penalty": 1.5, "sequence_bias": [[[11, 12], -1.5]],
        "exponential_decay_length_penalty": [4, 1.1], "split": "sentences"}
    write_json("generation", "everything", everything)
    write_json("generation", "sampling", {
        "do_sample": True, "temperature": 0.5, "top_k": 5, "top_p": 0.9,
        "min_p": 0.1, "typical_p": 0.9, "epsilon_cutoff": 0.01,
        "eta_cutoff": 0.01, "eos_token_id": 0})
    write_json("generation", "unsupported", {"guidance_scale": 2, "eos_token_id": 0})
