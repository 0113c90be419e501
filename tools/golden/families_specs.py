"""The tiny models of BART's and T5's relatives: sizes, switches, how stored.

An entry: the keys of config.json, of generation_config.json, and how the folder
is written:
  dtype      of the weights: float32, float16, bfloat16 or "mixed"
  embedding  the name that survives of a tied matrix
  headless   names lack their prefix, as the class without a head saves them
  shard      bytes of a shard at most
  bin        weights are pytorch_model.bin
  settings   "config.json": there is no generation_config.json
  pads       sources hold the padding, too
"""


def bart(model_type, width, heads, ffn, layers, vocabulary, **keys):
    """Pairs are of encoder and decoder."""
    return {
        "model_type": model_type,
        "d_model": width,
        "encoder_attention_heads": heads[0],
        "decoder_attention_heads": heads[1],
        "encoder_ffn_dim": ffn[0],
        "decoder_ffn_dim": ffn[1],
        "encoder_layers": layers[0],
        "decoder_layers": layers[1],
        "vocab_size": vocabulary,
        "max_position_embeddings": 48,
        **keys,
    }


def t5(model_type, width, heads, head_width, ffn, layers, vocabulary, **keys):
    return {
        "model_type": model_type,
        "d_model": width,
        "num_heads": heads,
        "d_kv": head_width,
        "d_ff": ffn,
        "num_layers": layers[0],
        "num_decoder_layers": layers[1],
        "vocab_size": vocabulary,
        "decoder_start_token_id": 0,
        **keys,
    }


def search(beams, longest, **keys):
    return {"num_beams": beams, "max_length": longest, **keys}


def model(config, generation, **store):
    return {"config": config, "generation": generation, "store": store}


# What the folders of a family have in common beside its graph.
CNN = {"forced_bos_token_id": 0, "early_stopping": True, "length_penalty": 2.0}


def relatives(family, shift):
    """Seven models of a family; shift moves the sizes of one from another's."""

    def make(width, heads, ffn, layers, vocabulary, **keys):
        return bart(
            family, width, heads, (ffn[0] + shift, ffn[1] + 2 * shift), layers,
            vocabulary + shift, **keys,
        )

    name = family.replace("-", "_")
    eos = {"pegasus": 1}.get(family, 2)
    return {
        f"{name}_plain": model(
            make(16, (4, 2), (31, 29), (1, 1), 40), search(4, 14),
            dtype="float16",
        ),
        f"{name}_scaled_relu": model(
            make(18, (3, 6), (17, 40), (2, 1), 37, scale_embedding=True,
                 activation_function="relu"),
            search(3, 12, early_stopping=True, min_length=6),
            embedding="lm_head.weight", dtype="bfloat16",
        ),
        f"{name}_unscaled_silu": model(
            make(20, (5, 4), (23, 19), (1, 2), 33, scale_embedding=False,
                 activation_function="swish"),
            search(5, 13, length_penalty=0.0),
            embedding="model.decoder.embed_tokens.weight", dtype="float16",
        ),
        f"{name}_untied": model(
            make(15, (3, 5), (27, 33), (1, 1), 29, tie_word_embeddings=False,
                 activation_function="gelu_new"),
            search(2, 12, early_stopping="never"), dtype="mixed",
        ),
        f"{name}_forced_start": model(
            make(12, (1, 12), (11, 46), (2, 2), 45),
            search(4, 13, **{**CNN, "forced_bos_token_id": 7}),
            embedding="model.encoder.embed_tokens.weight", dtype="float16",
            shard=4000,
        ),
        f"{name}_settings_in_config": model(
            make(14, (7, 2), (25, 21), (1, 1), 36, pad_token_id=5,
                 decoder_start_token_id=eos, max_position_embeddings=40,
                 encoder_no_repeat_ngram_size=0),
            search(3, 15, length_penalty=1.5), settings="config.json",
            dtype="float16", pads=True,
        ),
        f"{name}_bin": model(
            make(22, (2, 11), (13, 37), (1, 1), 51,
                 activation_function="gelu_pytorch_tanh"),
            search(4, 11, bad_words_ids=[[3], [4, 9]],
                   suppress_tokens=[6]),
            bin=True, headless=True, dtype="float16",
        ),
    }


T5 = {
    # v1.0: tied, logits scaled; then every feed-forward block there is.
    "t5_v1_0": model(
        t5("t5", 16, 4, 4, 31, (1, 1), 40), search(4, 14), dtype="float16",
    ),
    "t5_v1_0_wide_heads": model(
        t5("t5", 14, 3, 9, 27, (2, 1), 37), search(3, 12, early_stopping=True),
        embedding="lm_head.weight", dtype="bfloat16",
    ),
    "t5_gated_gelu_untied": model(
        t5("t5", 18, 5, 3, 22, (1, 2), 43, feed_forward_proj="gated-gelu",
           tie_word_embeddings=False),
        search(4, 13, length_penalty=0.6), dtype="float16",
    ),
    "t5_gated_silu": model(
        t5("t5", 15, 2, 7, 19, (1, 1), 34, feed_forward_proj="gated-silu",
           relative_attention_num_buckets=7,
           relative_attention_max_distance=9),
        search(5, 12, length_penalty=0.0),
        embedding="decoder.embed_tokens.weight",
    ),
    "t5_gelu_few_buckets": model(
        t5("t5", 12, 3, 4, 25, (1, 1), 31, feed_forward_proj="gelu",
           relative_attention_num_buckets=4,
           relative_attention_max_distance=5, layer_norm_epsilon=1e-3),
        search(3, 15, early_stopping="never"), dtype="mixed", bin=True,
    ),
    "t5_deep_encoder_bytes": model(
        t5("t5", 13, 2, 5, 21, (4, 1), 50, feed_forward_proj="gated-gelu",
           tie_word_embeddings=False, relative_attention_num_buckets=10,
           relative_attention_max_distance=20),
        search(4, 16, min_length=5), dtype="float16", shard=4000,
    ),
    "t5_settings_in_config": model(
        t5("t5", 17, 1, 11, 30, (1, 3), 39, feed_forward_proj="gated-relu",
           pad_token_id=3, decoder_start_token_id=3),
        search(2, 13), settings="config.json", dtype="float16", pads=True,
    ),
    "mt5_plain": model(
        t5("mt5", 16, 4, 6, 26, (1, 1), 41), search(4, 14), dtype="float16",
    ),
    "mt5_tied": model(
        t5("mt5", 14, 2, 5, 23, (2, 1), 35, tie_word_embeddings=True),
        search(3, 12, early_stopping=True), dtype="bfloat16",
        embedding="encoder.embed_tokens.weight",
    ),
    "mt5_relu": model(
        t5("mt5", 18, 3, 4, 29, (1, 2), 38, feed_forward_proj="relu",
           relative_attention_max_distance=40),
        search(5, 13, length_penalty=2.0), dtype="float16",
    ),
    "mt5_gated_silu": model(
        t5("mt5", 11, 5, 3, 24, (1, 1), 33, feed_forward_proj="gated-silu",
           relative_attention_num_buckets=9,
           relative_attention_max_distance=12),
        search(4, 15, length_penalty=0.0),
    ),
    "mt5_forced_start": model(
        t5("mt5", 12, 6, 2, 17, (2, 2), 44),
        search(4, 12, forced_bos_token_id=7, forced_eos_token_id=1),
        dtype="mixed", shard=5000,
    ),
    "mt5_bin": model(
        t5("mt5", 20, 2, 10, 15, (1, 1), 47),
        search(2, 12, bad_words_ids=[[0], [3, 8]], suppress_tokens=[9]),
        bin=True,
    ),
    "umt5_plain": model(
        t5("umt5", 16, 4, 5, 28, (2, 2), 42, tie_word_embeddings=False),
        search(4, 14), dtype="float16",
    ),
    "umt5_tied": model(
        t5("umt5", 14, 3, 6, 21, (2, 1), 36), search(3, 12), dtype="bfloat16",
        embedding="lm_head.weight",
    ),
    "umt5_odd_buckets": model(
        t5("umt5", 13, 2, 8, 25, (3, 2), 32, tie_word_embeddings=False,
           relative_attention_num_buckets=11,
           relative_attention_max_distance=14),
        search(5, 13, early_stopping=True), dtype="float16",
    ),
    "umt5_gated_silu": model(
        t5("umt5", 17, 1, 9, 18, (1, 3), 39, feed_forward_proj="gated-silu",
           tie_word_embeddings=False),
        search(4, 12, length_penalty=0.0),
    ),
    "umt5_relu_settings_in_config": model(
        t5("umt5", 15, 5, 3, 33, (2, 2), 34, feed_forward_proj="relu"),
        search(3, 14, length_penalty=1.3), dtype="float16",
        settings="config.json",
    ),
    "umt5_forced_start": model(
        t5("umt5", 12, 4, 4, 20, (2, 1), 45, tie_word_embeddings=False),
        search(4, 12, forced_bos_token_id=6, early_stopping="never"),
        dtype="mixed",
    ),
}

BART = {}
for shift, family in enumerate(
    ["bart", "mbart", "pegasus", "m2m_100", "blenderbot", "blenderbot-small"]
):
    BART.update(relatives(family, shift))

# What summaries and dialogues are searched with.
BART.update({
    "bart_no_repeat": model(
        bart("bart", 12, (2, 3), (21, 18), (1, 1), 26),
        search(4, 22, no_repeat_ngram_size=2, min_length=8, **CNN),
        dtype="float16",
    ),
    "blenderbot_no_repeat_of_source": model(
        bart("blenderbot", 14, (2, 7), (19, 23), (1, 1), 17,
             encoder_no_repeat_ngram_size=2, no_repeat_ngram_size=3),
        search(3, 14, encoder_no_repeat_ngram_size=2, no_repeat_ngram_size=3),
        dtype="float16", settings="config.json",
    ),
})
T5["t5_no_repeat"] = model(
    t5("t5", 12, 2, 5, 20, (1, 1), 33, feed_forward_proj="gated-gelu",
       tie_word_embeddings=False),
    search(4, 18, no_repeat_ngram_size=1, encoder_no_repeat_ngram_size=2),
    dtype="float16",
)

SPECS = {"bart": BART, "t5": T5}
