"""The tiny Marian models of tests/golden/marian, each awkward in its way.

config      keys of config.json beside the common ones of tiny_models.py.
            Heads times head width must give d_model.
generation  keys of generation_config.json beside pad, start and end tokens.
store       how the weights lie in the folder:
  dtype       float16, bfloat16, float32 or mixed (a type by kind of tensor)
  embedding   the one alias under which a tied embedding is stored
  positions   True: the sinusoid tables are stored as well
  headless    True: as saved from MarianModel, no leading "model.", no bias
  shard       largest shard in bytes: several files and an index
  settings    "config.json": no generation_config.json, its keys stand there
bias        False: final_logits_bias is zeros
padding     True: the embedding of the padding id is not zeros
"""

SPECS = {
    # Head width 20: no multiple of any SIMD width. 2 encoder layers, 1 decoder.
    "three_heads_width_20": {
        "config": {
            "d_model": 60, "vocab_size": 1003,
            "encoder_layers": 2, "decoder_layers": 1,
            "encoder_attention_heads": 3, "decoder_attention_heads": 3,
            "encoder_ffn_dim": 100, "decoder_ffn_dim": 100,
            "activation_function": "relu", "scale_embedding": True,
        },
        "generation": {"num_beams": 4, "max_length": 15},
        "store": {"dtype": "float16"},
    },
    # A deep decoder over a single encoder layer.
    "head_width_8": {
        "config": {
            "d_model": 24, "vocab_size": 517,
            "encoder_layers": 1, "decoder_layers": 4,
            "encoder_attention_heads": 3, "decoder_attention_heads": 3,
            "encoder_ffn_dim": 77, "decoder_ffn_dim": 130,
            "activation_function": "gelu",
        },
        "generation": {
            "num_beams": 3, "max_length": 19,
            "length_penalty": 0.6, "early_stopping": True,
        },
    },
    # Encoder and decoder heads of different widths: 12 and 20.
    "five_heads_width_12": {
        "config": {
            "d_model": 60, "vocab_size": 517,
            "encoder_layers": 1, "decoder_layers": 2,
            "encoder_attention_heads": 5, "decoder_attention_heads": 3,
            "encoder_ffn_dim": 77, "decoder_ffn_dim": 100,
            "activation_function": "gelu_new", "scale_embedding": True,
        },
        "generation": {
            "num_beams": 5, "max_length": 30, "renormalize_logits": True,
        },
        "store": {"dtype": "bfloat16"},
    },
    # Two vocabularies of two sizes; the output is the decoder's embedding.
    "separate_vocabularies": {
        "config": {
            "d_model": 40, "vocab_size": 517, "decoder_vocab_size": 389,
            "share_encoder_decoder_embeddings": False,
            "encoder_layers": 1, "decoder_layers": 1,
            "encoder_attention_heads": 5, "decoder_attention_heads": 2,
            "encoder_ffn_dim": 100, "decoder_ffn_dim": 77,
            "activation_function": "silu",
        },
        "generation": {
            "num_beams": 4, "max_length": 25, "length_penalty": 2.0,
        },
        "store": {"dtype": "bfloat16"},
    },
    # Three matrices: encoder, decoder and output embedding.
    "separate_untied": {
        "config": {
            "d_model": 32, "vocab_size": 301, "decoder_vocab_size": 403,
            "share_encoder_decoder_embeddings": False,
            "tie_word_embeddings": False,
            "encoder_layers": 1, "decoder_layers": 2,
            "encoder_attention_heads": 2, "decoder_attention_heads": 4,
            "encoder_ffn_dim": 77, "decoder_ffn_dim": 64,
            "activation_function": "swish", "scale_embedding": True,
        },
        "generation": {
            "num_beams": 2, "max_length": 22, "early_stopping": "never",
        },
    },
    # One vocabulary whose output projection is a matrix of its own.
    "untied_output": {
        "config": {
            "d_model": 36, "vocab_size": 389, "tie_word_embeddings": False,
            "encoder_layers": 2, "decoder_layers": 1,
            "encoder_attention_heads": 3, "decoder_attention_heads": 4,
            "encoder_ffn_dim": 60, "decoder_ffn_dim": 77,
            "activation_function": "tanh",
        },
        "generation": {
            "num_beams": 6, "max_length": 16, "length_penalty": 0.0,
        },
    },
    # Saved from the headless class; no max_length, which means 20 new tokens.
    "headless_names": {
        "config": {
            "d_model": 48, "vocab_size": 401,
            "encoder_layers": 2, "decoder_layers": 1,
            "encoder_attention_heads": 6, "decoder_attention_heads": 4,
            "encoder_ffn_dim": 50, "decoder_ffn_dim": 100,
            "activation_function": "gelu_pytorch_tanh", "scale_embedding": True,
        },
        "generation": {
            "num_beams": 4, "early_stopping": "never",
        },
        "store": {"headless": True},
        "bias": False,
    },
    # The embedding only under the encoder's name, and the position tables.
    "encoder_alias": {
        "config": {
            "d_model": 40, "vocab_size": 333,
            "encoder_layers": 3, "decoder_layers": 1,
            "encoder_attention_heads": 5, "decoder_attention_heads": 5,
            "encoder_ffn_dim": 33, "decoder_ffn_dim": 77,
            "activation_function": "gelu_fast",
        },
        "generation": {
            "num_beams": 3, "max_length": 18,
            "early_stopping": True, "length_penalty": 2.0,
        },
        "store": {
            "embedding": "model.encoder.embed_tokens.weight",
            "positions": True,
        },
    },
    # The embedding only under the decoder's name; start token is not padding.
    "decoder_alias": {
        "config": {
            "d_model": 44, "vocab_size": 410,
            "encoder_layers": 1, "decoder_layers": 2,
            "encoder_attention_heads": 4, "decoder_attention_heads": 11,
            "encoder_ffn_dim": 77, "decoder_ffn_dim": 44,
            "activation_function": "relu",
            "eos_token_id": 5, "decoder_start_token_id": 3, "pad_token_id": 0,
        },
        "generation": {
            "num_beams": 4, "max_length": 25, "forced_eos_token_id": None,
        },
        "store": {
            "embedding": "model.decoder.embed_tokens.weight",
            "dtype": "float16",
        },
    },
    # The embedding only as the output projection.
    "output_alias": {
        "config": {
            "d_model": 30, "vocab_size": 517,
            "encoder_layers": 1, "decoder_layers": 2,
            "encoder_attention_heads": 2, "decoder_attention_heads": 3,
            "encoder_ffn_dim": 100, "decoder_ffn_dim": 77,
            "activation_function": "gelu", "scale_embedding": True,
        },
        "generation": {
            "num_beams": 5, "max_length": 12,
            "renormalize_logits": True, "length_penalty": 0.6,
        },
        "store": {"embedding": "lm_head.weight"},
    },
    # 40 positions, stored; no forced end.
    "few_positions": {
        "config": {
            "d_model": 28, "vocab_size": 259, "max_position_embeddings": 40,
            "encoder_layers": 4, "decoder_layers": 2,
            "encoder_attention_heads": 7, "decoder_attention_heads": 2,
            "encoder_ffn_dim": 77, "decoder_ffn_dim": 100,
            "activation_function": "silu", "scale_embedding": True,
        },
        "generation": {
            "num_beams": 2, "max_length": 30, "forced_eos_token_id": None,
        },
        "store": {"positions": True},
    },
    # Several files and an index.
    "sharded": {
        "config": {
            "d_model": 48, "vocab_size": 257,
            "encoder_layers": 1, "decoder_layers": 1,
            "encoder_attention_heads": 3, "decoder_attention_heads": 6,
            "encoder_ffn_dim": 100, "decoder_ffn_dim": 77,
            "activation_function": "swish", "scale_embedding": True,
        },
        "generation": {
            "num_beams": 4, "max_length": 19,
            "early_stopping": "never", "length_penalty": 0.6,
        },
        "store": {"shard": 64_000},
    },
    # Matrices F16, embeddings BF16, vectors F32.
    "mixed_types": {
        "config": {
            "d_model": 60, "vocab_size": 777,
            "encoder_layers": 2, "decoder_layers": 1,
            "encoder_attention_heads": 12, "decoder_attention_heads": 3,
            "encoder_ffn_dim": 130, "decoder_ffn_dim": 77,
            "activation_function": "gelu", "scale_embedding": True,
        },
        "generation": {
            "num_beams": 4, "max_length": 14, "renormalize_logits": True,
            "early_stopping": True,
        },
        "store": {"dtype": "mixed"},
    },
    # Head width 17; at least 6 tokens.
    "least_length": {
        "config": {
            "d_model": 34, "vocab_size": 317,
            "encoder_layers": 2, "decoder_layers": 3,
            "encoder_attention_heads": 2, "decoder_attention_heads": 2,
            "encoder_ffn_dim": 51, "decoder_ffn_dim": 77,
            "activation_function": "tanh", "scale_embedding": True,
        },
        "generation": {"num_beams": 6, "max_length": 22, "min_length": 7},
        "store": {"dtype": "bfloat16"},
    },
    # A padding embedding that is not zeros, used as the start token.
    "padding_not_zero": {
        "config": {
            "d_model": 20, "vocab_size": 211,
            "encoder_layers": 1, "decoder_layers": 2,
            "encoder_attention_heads": 1, "decoder_attention_heads": 1,
            "encoder_ffn_dim": 21, "decoder_ffn_dim": 19,
            "activation_function": "gelu_new", "scale_embedding": True,
        },
        "generation": {
            "num_beams": 3, "max_length": 23, "forced_eos_token_id": None,
            "early_stopping": True, "length_penalty": 0.0,
        },
        "padding": True,
    },
    # As older folders are: generation settings in config.json.
    "settings_in_config": {
        "config": {
            "d_model": 40, "vocab_size": 300,
            "encoder_layers": 1, "decoder_layers": 2,
            "encoder_attention_heads": 4, "decoder_attention_heads": 8,
            "encoder_ffn_dim": 100, "decoder_ffn_dim": 77,
            "activation_function": "swish", "scale_embedding": True,
        },
        "generation": {"num_beams": 3, "max_length": 21},
        "store": {"settings": "config.json", "dtype": "float16"},
    },
    # Tokens forced, forbidden everywhere, at the start, and twice in a row.
    "token_rules": {
        "config": {
            "d_model": 24, "vocab_size": 199,
            "encoder_layers": 1, "decoder_layers": 2,
            "encoder_attention_heads": 3, "decoder_attention_heads": 2,
            "encoder_ffn_dim": 50, "decoder_ffn_dim": 77,
            "activation_function": "relu", "scale_embedding": True,
        },
        "generation": {
            "num_beams": 3, "max_length": 17,
            "forced_bos_token_id": 11,
            "suppress_tokens": list(range(30, 60)),
            "begin_suppress_tokens": [0, *range(60, 100)],
            "bad_words_ids": [[198], *([i, i] for i in range(1, 198))],
        },
    },
    # Three tokens end an output: a beam step keeps 4 x 3 candidates.
    "several_ends": {
        "config": {
            "d_model": 26, "vocab_size": 231,
            "encoder_layers": 2, "decoder_layers": 1,
            "encoder_attention_heads": 2, "decoder_attention_heads": 1,
            "encoder_ffn_dim": 77, "decoder_ffn_dim": 50,
            "activation_function": "gelu", "scale_embedding": True,
        },
        "generation": {
            "num_beams": 3, "max_length": 24, "eos_token_id": [0, 7, 9],
        },
    },
}
