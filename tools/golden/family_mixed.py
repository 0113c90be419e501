"""Each switch among others than the published systems put it with."""

from family_settings import GNMT_SEARCH, search, sizes

MIXED = {
    "additive": {
        "config": sizes(
            12, 3, 23, (1, 1), 30, score="additive", key_width=7,
            value_width=3, attention_bias=False,
        ),
        "generation": search(4, 12, length_penalty=0.0),
    },
    "additive_relu_normaliser": {
        "config": sizes(
            12, 4, 17, (1, 1), 27, score="additive", normaliser="relu",
            key_width=5, projection_storage="per_head",
            weight_storage="column",
        ),
        "generation": search(3, 13, early_stopping=True),
    },
    "additive_branches": {
        "config": sizes(
            12, 3, 21, (1, 1), 29, score="additive",
            branches="jayparks_head", key_width=6, value_width=5,
            projection_storage="two_step",
        ),
        "generation": search(4, 12),
    },
    "dot_unscaled": {
        "config": sizes(
            18, 3, 15, (1, 1), 31, score="dot", activation_function="gelu_new",
            output_bias=True,
        ),
        "generation": search(4, 12, early_stopping="never"),
    },
    "relu_normaliser": {
        "config": sizes(
            12, 2, 29, (2, 1), 33, normaliser="relu", norm_epsilon=1e-2,
        ),
        "generation": search(5, 12),
    },
    "relu_normaliser_dot_branches": {
        "config": sizes(
            12, 4, 20, (1, 1), 25, normaliser="relu", score="dot",
            branches="jayparks_667faad", attention_activation="relu",
        ),
        "generation": search(3, 12, early_stopping="top_beam"),
    },
    "two_step_row": {
        "config": sizes(
            12, 3, 18, (1, 1), 26, projection_storage="two_step",
            norm_position="pre",
        ),
        "generation": search(4, 12),
    },
    "two_step_column": {
        "config": sizes(
            12, 2, 22, (1, 1), 32, projection_storage="two_step",
            weight_storage="column", key_width=5, value_width=7,
            attention_bias=False, branches="paper",
        ),
        "generation": search(4, 12, length_penalty_form="gnmt"),
    },
    "per_head_row": {
        "config": sizes(
            12, 4, 25, (1, 1), 28, projection_storage="per_head",
            key_width=2, value_width=5, activation_function="silu",
        ),
        "generation": search(2, 14),
    },
    "per_head_column_pre": {
        "config": sizes(
            12, 3, 16, (1, 2), 24, projection_storage="per_head",
            weight_storage="column", norm_position="pre",
            norm_form="unbiased", norm_epsilon=1e-2,
            output_projection_bias=False, tie_output=False, output_bias=True,
        ),
        "generation": search(4, 12, early_stopping=True),
    },
    "sinusoid_half": {
        "config": sizes(
            14, 2, 27, (1, 1), 29, positions="sinusoid_half",
            scale_embedding=False,
        ),
        "generation": search(4, 12),
    },
    "sinusoid_half_odd_width": {
        "config": sizes(
            15, 5, 14, (1, 1), 31, positions="sinusoid_half",
            position_offset=2, norm_position="pre",
        ),
        "generation": search(3, 12),
    },
    "sinusoid_odd_width": {
        "config": sizes(
            15, 3, 22, (1, 1), 25, output_projection=False,
            norm_form="unbiased", norm_epsilon=3e-3,
        ),
        "generation": search(3, 12, length_penalty=-0.5),
    },
    "no_positions": {
        "config": sizes(
            12, 3, 31, (1, 2), 27, positions="none", norm_position="pre",
            activation_function="gelu",
        ),
        "generation": search(4, 12),
    },
    "sinusoid_offset": {
        "config": sizes(
            12, 2, 24, (1, 1), 23, position_offset=3,
            positions_skip_zeros=True, activation_function="gelu_pytorch_tanh",
        ),
        "generation": search(4, 11, length_penalty=1.5, early_stopping=True),
    },
    "learned_offset_pre": {
        "config": sizes(
            12, 4, 18, (1, 1), 35, positions="learned", position_offset=2,
            norm_position="pre", positions_skip_zeros=True,
            zero_pad_embedding=True, output_bias=True,
        ),
        "generation": search(4, 12),
        "source_pads": True,
    },
    "relu_projections": {
        "config": sizes(
            20, 4, 13, (1, 1), 26, attention_activation="relu", key_width=3,
            value_width=5, output_projection=False, norm_position="pre",
        ),
        "generation": search(4, 12, renormalize_logits=True),
    },
    "separate_tied": {
        "config": sizes(
            12, 3, 26, (1, 1), 30, share_embeddings=False, output_bias=True,
            target_vocab_size=38, zero_pad_embedding=True,
            activation_function="swish",
        ),
        "generation": {**GNMT_SEARCH, "early_stopping": "never"},
    },
    "shared_untied": {
        "config": sizes(
            12, 2, 20, (1, 1), 29, tie_output=False, zero_pad_embedding=True,
            weight_storage="column", pad_token_id=28,
        ),
        "generation": search(
            4, 12, early_stopping="top_beam", length_penalty_form="gnmt"
        ),
    },
    "head_width_1": {
        "config": sizes(
            12, 5, 17, (1, 1), 30, key_width=1, value_width=1,
        ),
        "generation": {**GNMT_SEARCH, "early_stopping": True},
    },
    "many_layers": {
        "config": sizes(
            8, 2, 11, (3, 4), 24, norm_position="pre", score="dot",
            projection_storage="per_head", key_width=3,
            activation_function="gelu_new",
        ),
        "generation": search(4, 12),
    },
    # How outputs end, and what padding does in odd places.
    "several_ends": {
        "config": sizes(12, 3, 16, (1, 1), 40, pad_token_id=39),
        "generation": search(
            4, 12, eos_token_id=[1, 17], early_stopping=True
        ),
    },
    "several_ends_top_beam": {
        "config": sizes(12, 2, 16, (1, 1), 33, pad_token_id=32),
        "generation": search(
            5, 12, eos_token_id=[5, 9], early_stopping="top_beam",
            length_penalty=0,
        ),
    },
    "padding_in_outputs": {
        "config": sizes(12, 4, 18, (1, 1), 27, pad_token_id=26),
        "generation": search(6, 12),
        "emits_pad": True,
        "pad_gain": 1.6,
    },
    "padding_starts_outputs": {
        "config": sizes(12, 3, 21, (1, 1), 26, pad_token_id=7),
        "generation": search(4, 12, decoder_start_token_id=7),
        "source_pads": True,
    },
    "padding_seen": {
        "config": sizes(
            12, 3, 19, (1, 1), 25, pad_keys="seen", branches="paper",
            branch_ffn="shared",
        ),
        "generation": search(3, 12, decoder_start_token_id=0),
        "source_pads": True,
    },
    "filled_sources": {
        "config": sizes(
            12, 2, 15, (1, 1), 28, pad_keys="seen", fill_source=True,
            norm_position="pre", max_source_positions=20,
        ),
        "generation": search(3, 12),
    },
    "settings_in_config": {
        "config": sizes(12, 3, 14, (1, 1), 27, max_target_positions=24),
        "generation": {
            "eos_token_id": 1,
            "decoder_start_token_id": 2,
            "num_beams": 4,
            "length_penalty": 0.8,
            "length_penalty_form": "gnmt",
        },
        "settings": "config.json",
    },
}
