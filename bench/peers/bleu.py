"""BLEU and chrF of translations, with sacreBLEU's defaults."""

import sacrebleu


def scores(texts, references):
    """(BLEU, chrF); references is a list a sentence."""
    most = max(len(r) for r in references)
    columns = [
        [r[i] if i < len(r) else None for r in references] for i in range(most)
    ]
    return (
        sacrebleu.corpus_bleu(texts, columns).score,
        sacrebleu.corpus_chrf(texts, columns).score,
    )
