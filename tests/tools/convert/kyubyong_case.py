"""What the tests of both forms of kyubyong.py need."""

import json
import os
import random

import case
import numpy as np

# Neither stands in any text of the training data or vocabularies below.
UNKNOWN = ["\u5c71", "xyzzy"]



def random_words(seed, letters="abdeginorst"):
    choose = random.Random(seed)
    while True:
        yield "".join(choose.choices(letters, k=choose.randint(1, 6)))


def texts_of(words, count, longest, seed):
    choose = random.Random(seed)
    return [
        " ".join(choose.choices(words, k=choose.randint(1, longest)))
        for _ in range(count)
    ]


class KyubyongCase(case.ConverterCase):
    tool = "kyubyong"

    @classmethod
    def write_hparams(cls, values, name="changed"):
        return cls.write_text(name, json.dumps(values))

    @classmethod
    def write_checkpoint(cls, build, seed):
        import kyubyong_checkpoint
        from arithmetic import Draw

        prefix = cls.path("model-1")
        return prefix, kyubyong_checkpoint.write(prefix, build, Draw(seed))

    def compare_decoding(self, outputs, found):
        """outputs: (ids, logits, lead) of the reference by text."""
        from arithmetic import log_softmax

        compared = []
        for (ids, logits, gap), translation in zip(outputs, found, strict=True):
            if gap < case.NEAR_TIE:
                continue
            compared.append(ids)
            self.assertEqual(translation["ids"], ids)
            self.assertEqual(translation["text"], self.decode(ids))
            wanted = log_softmax(logits)[range(len(ids)), ids]
            np.testing.assert_allclose(
                translation["log_probs"], wanted, rtol=1e-4, atol=1e-4
            )
        self.enough(compared)


def main():
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"
    case.main(["numpy", "safetensors", "sentencepiece", "tensorflow", "torch"])
