"""The models that family.py writes: sizes, switches and search options.

Keys of an entry:
config      config.json but model_type; what is left out is the default there
generation  generation_config.json, but for the padding
how weights are drawn and sources made:
no_source_eos  sources have no EOS at the end
source_pads    half of the sources hold the padding inside
emits_pad      some outputs must hold the padding
pad_gain       scales the output row of the padding
lower          moves tied logits down by this
zero_weight    True: kappa and alpha of the first branch are exactly 0
settings       "config.json": no generation_config.json, its keys stand there
"""

from family_mixed import MIXED
from family_published import PUBLISHED

SPECS = {**PUBLISHED, **MIXED}
