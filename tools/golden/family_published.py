"""The published systems, as models that family.py writes."""

from family_settings import GNMT_SEARCH, search, sizes

# Ids of Kyubyong/transformer and JayParks/transformer.
KYUBYONG_IDS = {"eos_token_id": 3, "decoder_start_token_id": 2, "bos_token_id": 2}
JAYPARKS_SEARCH = {
    **KYUBYONG_IDS,
    "num_beams": 5,
    "length_penalty": 0,
    "early_stopping": "top_beam",
    "max_length": 12,
}

# What both of JayParks' versions have in common. The table of positions has a
# row for the padding before the first.
JAYPARKS = {
    "norm_form": "unbiased",
    "positions": "learned",
    "position_offset": 1,
    "scale_embedding": False,
    "share_embeddings": False,
    "tie_output": False,
}
JAYPARKS_HEAD = {**JAYPARKS, "norm_epsilon": 1e-6}
JAYPARKS_667FAAD = {
    **JAYPARKS,
    "norm_epsilon": 1e-3,
    "attention_bias": False,
    "projection_storage": "per_head",
    "weight_storage": "column",
}

# The published systems.
PUBLISHED = {
    "vanilla_post": {
        "config": sizes(20, 5, 33, (1, 1), 37),
        "generation": GNMT_SEARCH,
    },
    "vanilla_pre": {
        "config": sizes(12, 3, 19, (1, 3), 29, norm_position="pre"),
        "generation": search(3, 12),
    },
    # Kyubyong/transformer fb023bb. The logit of the padding is exactly 0;
    # max_length is cut to the positions there are.
    "kyubyong_modern": {
        "config": sizes(
            18, 3, 23, (1, 2), 35,
            norm_epsilon=1e-8,
            positions_skip_zeros=True,
            zero_pad_embedding=True,
            output_projection=False,
            weight_storage="column",
            max_target_positions=12,
        ),
        "generation": {**KYUBYONG_IDS, "num_beams": 4, "max_length": 101},
        "emits_pad": True,
        "lower": 1.2,
    },
    # Its tf1.2_legacy: sources are filled, padding is hidden in the first layer.
    "kyubyong_legacy": {
        "config": sizes(
            12, 4, 27, (1, 2), 31,
            norm_epsilon=1e-8,
            positions="learned",
            zero_pad_embedding=True,
            positions_skip_zeros=True,
            pad_keys="first_layer",
            fill_source=True,
            attention_activation="relu",
            output_projection=False,
            weight_storage="column",
            share_embeddings=False,
            tie_output=False,
            output_bias=True,
            target_vocab_size=27,
            max_source_positions=12,
            max_target_positions=10,
        ),
        "generation": {**KYUBYONG_IDS, "num_beams": 3, "max_length": 11},
        "emits_pad": True,
    },
    # JayParks/transformer a846e90.
    "jayparks_head": {
        "config": sizes(
            18, 4, 17, (1, 1), 34, **JAYPARKS_HEAD,
            key_width=7, value_width=6, target_vocab_size=31,
        ),
        "generation": JAYPARKS_SEARCH,
        "no_source_eos": True,
    },
    "jayparks_head_split": {
        "config": sizes(
            12, 3, 27, (1, 1), 28, **JAYPARKS_HEAD,
            branches="jayparks_head", target_vocab_size=32,
        ),
        "generation": JAYPARKS_SEARCH,
        "no_source_eos": True,
    },
    "jayparks_head_shared": {
        "config": sizes(
            12, 4, 13, (2, 1), 30, **JAYPARKS_HEAD,
            branches="jayparks_head", branch_ffn="shared", target_vocab_size=26,
        ),
        "generation": JAYPARKS_SEARCH,
        "no_source_eos": True,
        "zero_weight": True,
    },
    # JayParks/transformer 667faad.
    "jayparks_667faad": {
        "config": sizes(
            12, 5, 21, (1, 1), 33, **JAYPARKS_667FAAD,
            key_width=4, value_width=3, target_vocab_size=25,
        ),
        "generation": JAYPARKS_SEARCH,
        "no_source_eos": True,
    },
    "jayparks_667faad_split": {
        "config": sizes(
            12, 3, 33, (1, 1), 26, **JAYPARKS_667FAAD,
            branches="jayparks_667faad",
            output_projection_bias=False,
            target_vocab_size=29,
        ),
        "generation": JAYPARKS_SEARCH,
        "no_source_eos": True,
    },
    "jayparks_667faad_shared": {
        "config": sizes(
            12, 4, 14, (1, 2), 31, **JAYPARKS_667FAAD,
            branches="jayparks_667faad",
            branch_ffn="shared",
            output_projection_bias=False,
            target_vocab_size=27,
        ),
        "generation": JAYPARKS_SEARCH,
        "no_source_eos": True,
        "zero_weight": True,
    },
    # Ahmed et al. 2017: the Weighted Transformer.
    "paper_split": {
        "config": sizes(12, 3, 39, (2, 1), 33, branches="paper"),
        "generation": GNMT_SEARCH,
    },
    "paper_shared": {
        "config": sizes(
            12, 4, 17, (1, 2), 28, branches="paper", branch_ffn="shared",
            activation_function="gelu",
        ),
        "generation": GNMT_SEARCH,
    },
    "paper_split_pre": {
        "config": sizes(
            12, 2, 26, (1, 2), 31, branches="paper", norm_position="pre",
            key_width=5, value_width=3,
        ),
        "generation": search(5, 13, early_stopping=True),
        "zero_weight": True,
    },
    "paper_shared_pre": {
        "config": sizes(
            15, 5, 19, (1, 1), 24, branches="paper", norm_position="pre",
            branch_ffn="shared", activation_function="tanh",
        ),
        "generation": search(2, 14, early_stopping="never"),
    },
    "paper_split_bare": {
        "config": sizes(
            12, 5, 35, (1, 1), 36, branches="paper", key_width=3,
            value_width=2, attention_bias=False, output_projection_bias=False,
            projection_storage="per_head", tie_output=False,
        ),
        "generation": GNMT_SEARCH,
    },
    "paper_shared_pre_bare": {
        "config": sizes(
            12, 3, 11, (2, 1), 27, branches="paper", norm_position="pre",
            branch_ffn="shared", attention_bias=False,
            output_projection_bias=False, projection_storage="per_head",
            weight_storage="column", activation_function="silu",
        ),
        "generation": search(4, 12, length_penalty=2.0),
    },
    # One branch is a plain block without a residual in between.
    "paper_one_branch": {
        "config": sizes(
            12, 1, 15, (1, 1), 23, branches="paper", weight_storage="column",
            output_bias=True,
        ),
        "generation": search(3, 11),
    },
}
