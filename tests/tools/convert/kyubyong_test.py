#!/usr/bin/env python3
"""tools/convert/kyubyong.py against checkpoints that TensorFlow wrote."""

import functools
import os

import case
import kyubyong_case

HPARAMS = {
    "vocab_size": 90,
    "d_model": 24,
    "d_ff": 40,
    "num_blocks": 2,
    "num_heads": 3,
    "maxlen1": 60,
    "maxlen2": 18,
    "lr": 0.0003,
    "logdir": "log/1",
}


class KyubyongTest(kyubyong_case.KyubyongCase):
    """The last commit: one table, SentencePiece."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        import kyubyong_checkpoint

        cls.train_pieces()
        cls.hparams = cls.write_hparams(HPARAMS, "hparams")
        build = functools.partial(kyubyong_checkpoint.modern_graph, HPARAMS)
        cls.prefix, cls.variables = cls.write_checkpoint(build, seed=3)

    @classmethod
    def train_pieces(cls):
        """With the flags of prepro.py."""
        import sentencepiece

        words = kyubyong_case.random_words(1)
        lines = [" ".join(next(words) for _ in range(9)) for _ in range(300)]
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(lines),
            model_prefix=cls.path("bpe"),
            vocab_size=HPARAMS["vocab_size"],
            model_type="bpe",
            pad_id=0,
            unk_id=1,
            bos_id=2,
            eos_id=3,
            minloglevel=2,
        )
        cls.spm = cls.path("bpe.model")

    def arguments(self, **changes):
        options = {
            "checkpoint": self.prefix,
            "hparams": self.hparams,
            "spm": self.spm,
            **changes,
        }
        return [part for n, v in options.items() for part in (f"--{n}", v)]

    def entries(self):
        with open(self.path("bpe.vocab"), encoding="utf-8") as file:
            return [line.split()[0] for line in file.read().splitlines()]

    def encode(self, text):
        """data_load.py: pieces on a line, cut at white space, looked up."""
        import sentencepiece

        processor = sentencepiece.SentencePieceProcessor(model_file=self.spm)
        ids = {entry: i for i, entry in enumerate(self.entries())}
        line = " ".join(processor.encode_as_pieces(text))
        return [ids.get(t, ids["<unk>"]) for t in [*line.split(), "</s>"]]

    def decode(self, ids):
        """utils.py: postprocess, but for <pad> and <s>, which stay out"""
        entries = self.entries()
        text = "".join(entries[i] for i in ids if i not in (0, 2)).split("</s>")[0].strip()
        return text.replace("\u2581", " ").strip()

    def texts(self, count=50):
        words = kyubyong_case.random_words(2)
        words = [next(words) for _ in range(200)] + kyubyong_case.UNKNOWN
        return kyubyong_case.texts_of(words, count, 8, seed=4)

    def reference(self):
        from kyubyong_reference import Model

        return Model(self.variables, HPARAMS)

    def test_states_and_logits_are_those_of_the_checkpoint(self):
        import torch
        from family_model import Family

        folder = self.convert(*self.arguments())
        config = case.read_json(folder, "config.json")
        family = Family(config, case.read_tensors(folder), torch.float64)
        model = self.reference()
        for source, inputs in (
            ([3], [2]),
            (self.encode(self.texts(1)[0]), [2, 7, 0, 9, 1]),
            ([5, 0, 8, 3], [2, 0]),  # the padding's own id within texts
        ):
            states = model.encode(source)
            self.near(family.encode(source)[0], states)
            given = torch.tensor(states)[None]
            logits = family.decode(source, given, [inputs])
            self.near(logits[0], model.decode(source, states, inputs))

    def test_folder_holds_nothing_but_what_is_documented(self):
        folder = self.convert(*self.arguments())
        names = ["bpe.model", "bpe.vocab", "model.safetensors"]
        names += [f"{n}config.json" for n in ("", "generation_", "tokenizer_")]
        self.assertEqual(set(os.listdir(folder)), set(names))
        self.assertEqual(
            case.read_json(folder, "generation_config.json"),
            {
                "pad_token_id": 0,
                "bos_token_id": 2,
                "decoder_start_token_id": 2,
                "eos_token_id": 3,
                "num_beams": 1,
                "max_length": 19,
            },
        )
        tensors = case.read_tensors(folder).values()
        size = sum(variable.size for variable in self.variables.values())
        self.assertEqual(sum(tensor.numel() for tensor in tensors), size)

    def test_translates_as_the_checkpoint_does(self):
        self.need_program()
        texts = self.texts()
        found = case.translate(self.convert(*self.arguments()), texts)
        model = self.reference()
        outputs = [model.greedy(self.encode(text)) for text in texts]
        self.compare_decoding(outputs, found)

    def test_names_wrong_missing_and_additional_variables(self):
        scope = "encoder/num_blocks_0/positionwise_feedforward/dense/kernel"
        hparams = self.write_hparams({**HPARAMS, "d_ff": 39})
        self.refuse(
            self.arguments(hparams=hparams),
            f"{scope}: want float32 [24, 39], found float32 [24, 40]",
            run=self.run_program,
        )
        hparams = self.write_hparams({**HPARAMS, "num_blocks": 3})
        self.refuse(
            self.arguments(hparams=hparams),
            "encoder/num_blocks_2/multihead_attention/dense/kernel: "
            "want float32 [24, 24], missing",
        )
        hparams = self.write_hparams({**HPARAMS, "num_blocks": 1})
        self.refuse(
            self.arguments(hparams=hparams),
            "decoder/num_blocks_1/positionwise_feedforward/dense/bias: "
            "want no such variable, found float32 [40]",
        )

    def test_refuses_bad_hyper_parameters(self):
        for changes, message in (
            ({"d_model": "24"}, 'd_model: want a positive integer, found "24"'),
            ({"num_heads": 5}, "d_model: want a multiple of num_heads, 5"),
            ({"maxlen1": 0}, "maxlen1: want a positive integer, found 0"),
            ({"maxlen2": True}, "maxlen2: want a positive integer, found true"),
            ({"vocab_size": 91}, "want 91 entries"),
        ):
            hparams = self.write_hparams({**HPARAMS, **changes})
            self.refuse(self.arguments(hparams=hparams), message)
        missing = {n: v for n, v in HPARAMS.items() if n != "d_ff"}
        hparams = self.write_hparams(missing)
        self.refuse(self.arguments(hparams=hparams), "d_ff:", "found nothing")
        hparams = self.write_text("changed", "d_ff = 3")
        self.refuse(self.arguments(hparams=hparams), "changed: no JSON")

    def test_refuses_files_that_are_not_what_they_should_be(self):
        self.refuse(self.arguments(checkpoint=self.path("none")), "none:")
        self.write_text("bad.index", "no table " * 20)
        bad = self.arguments(checkpoint=self.path("bad"))
        self.refuse(bad, "no checkpoint")
        vocab = self.write_text("v", "<pad>\t0\n</s>\t0\n")
        first = "want <pad> <unk> <s> </s> first, found <pad> </s>"
        self.refuse(self.arguments(vocab=vocab), first)
        self.refuse(self.arguments(spm=self.path("else/m")), "else/bpe.vocab")


if __name__ == "__main__":
    kyubyong_case.main()
