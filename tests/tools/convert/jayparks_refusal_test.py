#!/usr/bin/env python3
"""What tools/convert/jayparks.py says of files that are wrong, or hostile."""

import argparse
import copy
import os
import pickle

import jayparks_case
from jayparks_case import SHARED


class Trap:
    """A pickle of it makes the file `path` when it is loaded."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.system, (f"touch '{self.path}'",)


class JayParksRefusalTest(jayparks_case.JayParksCase):
    def test_names_wrong_missing_and_additional_variables(self):
        import torch

        arguments, options, variables = self.write_model(False, {})
        state = {n: torch.from_numpy(v) for n, v in variables.items()}
        name = "decoder.layers.1.dec_enc_attn.proj.linear.weight"

        def refuse(change, *messages, run=None):
            changed = dict(state)
            change(changed)
            content = {"opt": options, "model_params": changed}
            self.write("model.pt", content)
            self.refuse(arguments, *messages, run=run)

        refuse(
            lambda s: s.update({name: s[name].T.contiguous()}),
            f"{name}: want float32 [24, 15], found float32 [15, 24]",
            run=self.run_program,
        )
        refuse(lambda s: s.pop(name), f"{name}: want float32 [24, 15], missing")
        refuse(
            lambda s: s.update({"extra.bias": torch.zeros(3)}),
            "extra.bias: want no such variable, found float32 [3]",
        )
        refuse(
            lambda s: s.update({"a": s.pop(name)}),
            f"{name}: want float32 [24, 15], missing",
            "a: want no such variable, found float32 [24, 15]",
        )
        refuse(
            lambda s: s.update({name: s[name].half()}),
            f"{name}: want float32, found torch.float16 [24, 15]",
        )
        refuse(lambda s: s.update({name: 3}), f"{name}: want a tensor")

    def test_refuses_options_that_contradict_the_variables(self):
        import torch

        arguments, options, variables = self.write_model(False, {})
        state = {n: torch.from_numpy(v) for n, v in variables.items()}
        for changes, message in (
            ({"weighted_model": True}, "is True, but there is no variable"),
            ({"share_embs_weight": True}, "want vocabularies of one size"),
            ({"share_proj_weight": True}, "tgt_proj.weight: want float32"),
            ({"d_k": "7"}, 'opt: d_k: want a positive integer, found "7"'),
            ({"src_vocab_size": 40}, "want 40 words, src_vocab_size of"),
            ({"n_layers": 0}, "n_layers: want a positive integer, found 0"),
            ({"share_embs_weight": None}, "share_embs_weight: want true or"),
        ):
            changed = argparse.Namespace(**{**vars(options), **changes})
            self.write("model.pt", {"opt": changed, "model_params": state})
            self.refuse(arguments, message)

    def test_refuses_shared_embeddings_that_differ(self):
        import torch

        arguments, options, variables = self.write_model(False, SHARED)
        state = {n: torch.from_numpy(v.copy()) for n, v in variables.items()}
        state["encoder.src_emb.weight"][5, 5] += 1
        self.write("model.pt", {"opt": options, "model_params": state})
        self.refuse(arguments, "share_embs_weight is true, but")

    def test_refuses_bad_vocabularies(self):
        import jayparks_checkpoint as files

        arguments, options, _ = self.write_model(False, {})
        good = files.vocabulary(options)

        def refuse(change, message):
            content = copy.deepcopy(good)
            change(content)
            self.write("data.dict", content)
            self.refuse(arguments, message)

        refuse(lambda c: c.pop("lower_case"), "lower_case: want true or false")
        refuse(lambda c: c.pop("tgt_dict"), "tgt_dict: want Counter, word2idx")
        refuse(lambda c: c["src_dict"][2].reverse(), "want <pad> <unk> <bos>")
        refuse(lambda c: c["src_dict"][1].pop("éaa"), "word2idx and idx2word")
        refuse(lambda c: c["tgt_dict"][2].append("taa"), "are the same: taa")
        refuse(lambda c: c["tgt_dict"][2].append(5), "want strings in idx2word")
        self.write_text("data.dict", "no pickle")
        self.refuse(arguments, "data.dict: no file of torch.save")
        self.write("data.dict", [1, 2])
        self.refuse(arguments, "data.dict: want a dictionary")

    def test_executes_nothing_of_a_hostile_file(self):
        import jayparks_checkpoint as files

        arguments, options, _ = self.write_model(False, {})
        sprung = self.path("sprung")
        trap = Trap(sprung)
        pickle.loads(pickle.dumps(trap))
        self.assertTrue(os.path.exists(sprung), "the trap does not work")
        os.remove(sprung)

        checkpoint = files.checkpoint(options, False)
        vocabulary = files.vocabulary(options)
        hostile = {
            "model.pt": [
                {**checkpoint, "opt": trap},
                {**checkpoint, "x": trap},
            ],
            "data.dict": [
                {**vocabulary, "lower_case": trap},
                {**vocabulary, "opt": argparse.Namespace(x=trap)},
            ],
        }
        good = {"model.pt": checkpoint, "data.dict": vocabulary}
        for name, contents in hostile.items():
            for content in contents:
                for new in (True, False):
                    save = {"_use_new_zipfile_serialization": new}
                    self.write(name, content, **save)
                    self.refuse(arguments, name, "system", "refused")
            with open(self.path(name), "wb") as file:
                pickle.dump(contents[0], file)
            self.refuse(arguments, name)
            self.write(name, good[name])
        self.assertFalse(os.path.exists(sprung), "it has been executed")
        self.convert(*arguments)

    def test_vocabulary_may_name_two_classes_only(self):
        import fractions

        import jayparks_checkpoint as files

        arguments, options, _ = self.write_model(False, {})
        for value in (fractions.Fraction(1, 2), slice(3), {1, 2}, print):
            content = {**files.vocabulary(options), "lower_case": value}
            self.write("data.dict", content)
            self.refuse(arguments, "data.dict: refused, it names")


if __name__ == "__main__":
    jayparks_case.main()
