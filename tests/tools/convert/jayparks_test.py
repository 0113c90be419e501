#!/usr/bin/env python3
"""tools/convert/jayparks.py against checkpoints that torch.save wrote."""

import case
import jayparks_case
import numpy as np


class JayParksTest(jayparks_case.JayParksCase):
    def test_states_and_logits_are_those_of_the_checkpoint(self):
        self.each_model(self.compare_family)

    def test_reads_files_of_old_versions_of_pytorch(self):
        save = {"_use_new_zipfile_serialization": False}
        self.each_model(self.compare_family, **save)

    def compare_family(self, folder, model):
        import torch
        from family_model import Family

        config = case.read_json(folder, "config.json")
        family = Family(config, case.read_tensors(folder), torch.float64)
        for source, inputs in (
            ([4], [2]),
            (self.encode(model, self.texts(model)[0]), [2, 7, 0, 9, 1]),
            ([5, 0, 8], [2, 0]),  # the padding's own id within texts
        ):
            states = model.encode(source)
            self.near(family.encode(source)[0], states)
            states_given = torch.tensor(states)[None]
            logits = family.decode(source, states_given, [inputs])
            self.near(logits[0], model.decode(source, states, inputs))

    def test_folder_asks_for_the_search_of_the_code(self):
        import family_search
        import torch
        from family_model import Family

        def check(folder, model):
            generation = case.read_json(folder, "generation_config.json")
            config = case.read_json(folder, "config.json")
            family = Family(config, case.read_tensors(folder), torch.float64)
            source = self.encode(model, self.texts(model)[1])
            states = family.encode(source)

            def log_probs(outputs):
                logits = family.decode(source, states, outputs)[:, -1]
                return logits.log_softmax(-1).tolist()

            best = family_search.beam(log_probs, generation)
            ids, score, _ = model.beam(source)
            self.assertEqual(best["ids"], case.cut(ids))
            self.assertAlmostEqual(best["score"], score, places=9)

        self.each_model(check)

    def test_folder_has_the_vocabularies(self):
        arguments, options, _ = self.write_model(False, {})
        folder = self.convert(*arguments)
        import jayparks_checkpoint as files

        content = files.vocabulary(options)
        for name, key in (("source", "src_dict"), ("target", "tgt_dict")):
            ids = case.read_json(folder, f"{name}_vocab.json")
            self.assertEqual(ids, content[key][1])
        self.assertEqual(
            case.read_json(folder, "tokenizer_config.json"),
            {
                "tokenizer_class": "TesseraWords",
                "lower_case": True,
                "source_eos": False,
                "pad_token": "<pad>",
                "unk_token": "<unk>",
                "bos_token": "<bos>",
                "eos_token": "<eos>",
            },
        )

    def test_translates_as_the_checkpoint_does(self):
        self.need_program()

        def check(folder, model):
            texts, compared = self.texts(model), []
            found = case.translate(folder, texts)
            for text, translation in zip(texts, found, strict=True):
                ids, score, gap = model.beam(self.encode(model, text))
                if gap < case.NEAR_TIE:
                    continue
                ids = case.cut(ids)
                compared.append(ids)
                self.assertEqual(case.cut(translation["ids"]), ids)
                self.assertEqual(translation["text"], self.decode(model, ids))
                np.testing.assert_allclose(
                    translation["score"], score, rtol=1e-4, atol=1e-4
                )
            self.enough(compared)

        self.each_model(check)


if __name__ == "__main__":
    jayparks_case.main()
