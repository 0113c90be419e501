"""What the models of the family have in common: sizes, search options."""

# Vaswani et al. 2017 with the length penalty of Wu et al. 2016.
GNMT_SEARCH = {
    "eos_token_id": 1,
    "decoder_start_token_id": 2,
    "num_beams": 4,
    "length_penalty": 0.6,
    "length_penalty_form": "gnmt",
    "max_length": 12,
}


def sizes(d, h, f, layers, vocabulary, **switches):
    """config.json: width, heads, ffn_dim, (encoder, decoder) layers, size."""
    return {
        "d_model": d,
        "num_heads": h,
        "ffn_dim": f,
        "encoder_layers": layers[0],
        "decoder_layers": layers[1],
        "source_vocab_size": vocabulary,
        "target_vocab_size": vocabulary,
        "max_source_positions": 24,
        "max_target_positions": 20,
        "pad_token_id": 0,
        **switches,
    }


def search(beams, longest, **options):
    """generation_config.json for EOS 1 and the start token 2."""
    return {
        "eos_token_id": 1,
        "decoder_start_token_id": 2,
        "num_beams": beams,
        "max_length": longest,
        **options,
    }
