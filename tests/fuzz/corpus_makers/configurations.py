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
