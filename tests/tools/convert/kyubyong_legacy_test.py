#!/usr/bin/env python3
"""kyubyong.py --legacy against checkpoints that TensorFlow wrote."""

import functools

import case
import kyubyong_case

LEGACY = {
    "hidden_units": 24,
    "num_blocks": 2,
    "num_heads": 3,
    "maxlen": 10,
    "min_cnt": 20,
    "sinusoid": False,
}


class KyubyongLegacyTest(kyubyong_case.KyubyongCase):
    """tf1.2_legacy: two vocabularies, unnamed variables."""

    control = ["<PAD>", "<UNK>", "<S>", "</S>"]

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        import kyubyong_checkpoint

        cls.words = [cls.control + cls.take(*n) for n in ((47, 5), (38, 6))]
        cls.vocab = [
            cls.write_words(f"{side}.tsv", words)
            for side, words in zip(("de", "en"), cls.words)
        ]
        sizes = [len(words) for words in cls.words]
        build = functools.partial(
            kyubyong_checkpoint.legacy_graph, LEGACY, sizes
        )
        cls.hparams = cls.write_hparams(LEGACY, "hparams")
        cls.prefix, cls.variables = cls.write_checkpoint(build, seed=9)

    @staticmethod
    def take(count, seed):
        words = kyubyong_case.random_words(seed, "aeinörst'")
        found = {}
        while len(found) < count:
            found[next(words)] = None
        return list(found)

    @classmethod
    def write_words(cls, name, words):
        """Counts fall; two more words are too rare."""
        counts = [1000000000] * 4 + list(range(19 + len(words) - 4, 19, -1))
        lines = [f"{word}\t{count}\n" for word, count in zip(words, counts)]
        lines += ["rare\t19\n", "rarer\t1\n"]
        return cls.write_text(name, "".join(lines))

    def arguments(self, **changes):
        options = {
            "checkpoint": self.prefix,
            "hparams": self.hparams,
            "source-vocab": self.vocab[0],
            "target-vocab": self.vocab[1],
            **changes,
        }
        named = [part for n, v in options.items() for part in (f"--{n}", v)]
        return ["--legacy", *named]

    def texts(self):
        words = self.words[0][4:] + ["rare", "12", *kyubyong_case.UNKNOWN]
        return kyubyong_case.texts_of(words, 50, LEGACY["maxlen"] - 1, seed=8)

    def encode(self, text):
        """data_load.py; no text here has letters that are not Latin."""
        kept = "abcdefghijklmnopqrstuvwxyzö' "
        text = "".join(c for c in text if c in kept)
        ids = {word: i for i, word in enumerate(self.words[0])}
        return [ids.get(word, 1) for word in (text + " </S>").split()]

    def decode(self, ids):
        """eval.py, but for <PAD> and <S>, which stay out"""
        words = self.words[1]
        return " ".join(words[i] for i in ids if i not in (0, 2)).split("</S>")[0].strip()

    def reference(self):
        from kyubyong_legacy_reference import Model

        return Model(self.variables, LEGACY)

    def test_states_and_logits_are_those_of_the_checkpoint(self):
        import torch
        from family_model import Family

        folder = self.convert(*self.arguments())
        config = case.read_json(folder, "config.json")
        family = Family(config, case.read_tensors(folder), torch.float64)
        model = self.reference()
        longest = LEGACY["maxlen"]
        for source, inputs in (
            ([3], [2]),
            (self.encode(self.texts()[0]), [2, 7, 0, 9, 1]),
            (list(range(4, 4 + longest - 1)) + [3], [2, 0, 0]),
        ):
            states = model.encode(source)
            self.near(family.encode(source)[0], states)
            given = torch.tensor(states)[None]
            logits = family.decode(source, given, [inputs])
            padded = inputs + [0] * (longest - len(inputs))
            wanted = model.decode(states, padded)[: len(inputs)]
            self.near(logits[0], wanted)

    def test_folder_has_both_vocabularies_without_rare_words(self):
        folder = self.convert(*self.arguments())
        for name, words in zip(("source", "target"), self.words):
            ids = case.read_json(folder, f"{name}_vocab.json")
            self.assertEqual(ids, {word: i for i, word in enumerate(words)})
        tokenizer = case.read_json(folder, "tokenizer_config.json")
        self.assertEqual(tokenizer["tokenizer_class"], "TesseraWords")
        self.assertEqual(tokenizer["unk_token"], "<UNK>")
        self.assertTrue(tokenizer["latin_only"])

    def test_translates_as_the_checkpoint_does(self):
        self.need_program()
        texts = self.texts()
        found = case.translate(self.convert(*self.arguments()), texts)
        model = self.reference()
        outputs = [model.greedy(self.encode(text)) for text in texts]
        self.compare_decoding(outputs, found)

    def test_names_wrong_missing_and_additional_variables(self):
        hparams = self.write_hparams({**LEGACY, "maxlen": 11})
        self.refuse(
            self.arguments(hparams=hparams),
            "encoder/enc_pe/lookup_table: want float32 [11, 24], "
            "found float32 [10, 24]",
        )
        hparams = self.write_hparams({**LEGACY, "num_blocks": 3})
        self.refuse(
            self.arguments(hparams=hparams),
            "encoder/num_blocks_2/multihead_attention/dense/kernel: "
            "want float32 [24, 24], missing",
            "; and 30 more",
        )
        hparams = self.write_hparams({**LEGACY, "num_blocks": 1})
        self.refuse(
            self.arguments(hparams=hparams),
            "decoder/num_blocks_1/multihead_attention/conv1d/kernel: "
            "want no such variable, found float32 [1, 24, 96]",
        )

    def test_refuses_what_the_code_could_not_have_trained(self):
        hparams = self.write_hparams({**LEGACY, "sinusoid": True})
        self.refuse(self.arguments(hparams=hparams), "sinusoid: want false")
        words = self.control + ["a", "b", "a"]
        vocab = self.write_words("twice.tsv", words)
        arguments = self.arguments(**{"target-vocab": vocab})
        self.refuse(arguments, "twice.tsv: entries 4 and 6 are the same: a")
        vocab = self.write_text("n.tsv", "<PAD> many\n")
        arguments = self.arguments(**{"target-vocab": vocab})
        self.refuse(arguments, "n.tsv: line 1: want a word, a count")


if __name__ == "__main__":
    kyubyong_case.main()
