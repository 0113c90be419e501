"""What the tests of jayparks.py need: its models, their texts."""

import random

import case

# name -> (whether names are those of 667faad, options that differ, seed and
# favour for <eos> with which outputs differ, and end, by text)
SHARED = {
    "share_embs_weight": True,
    "share_proj_weight": True,
    "src_vocab_size": 37,
}
MODELS = {
    "vanilla": (False, {}, (1, 3)),
    "weighted": (False, {"weighted_model": True}, (1, 4)),
    "vanilla 667faad": (True, {"share_proj_weight": True}, (1, 3)),
    "weighted 667faad": (True, {"weighted_model": True}, (4, 3)),
    "vanilla, shared": (False, SHARED, (3, 2)),
}


class JayParksCase(case.ConverterCase):
    tool = "jayparks"

    def write(self, name, content, **options):
        import torch

        torch.save(content, self.path(name), **options)
        return self.path(name)

    def write_model(self, old, changes, drawn=(1, 3), **save):
        """(arguments, options, variables)"""
        import jayparks_checkpoint as files

        options = files.make_options(**changes)
        content = files.checkpoint(options, old, *drawn)
        arguments = [
            "--checkpoint",
            self.write("model.pt", content, **save),
            "--vocab",
            self.write("data.dict", files.vocabulary(options), **save),
        ]
        state = content["model_params"]
        return arguments, options, {n: t.numpy() for n, t in state.items()}

    def each_model(self, check, **save):
        """Calls check(folder, reference) for all MODELS."""
        from jayparks_reference import Model

        for name, (old, changes, drawn) in MODELS.items():
            with self.subTest(name):
                arguments, options, variables = self.write_model(
                    old, changes, drawn, **save
                )
                folder = self.convert(*arguments)
                check(folder, Model(variables, options, old))

    def texts(self, model, count=50):
        """With capitals, words in no vocabulary and white space."""
        import jayparks_checkpoint as files

        words = files.vocabulary(model.o)["src_dict"][2][4:]
        words += ["xyzzy", "\u5c71"]
        choose = random.Random(7)
        texts = []
        for _ in range(count):
            text = choose.choices(words, k=choose.randint(1, 12))
            text[0] = text[0].upper()
            texts.append(choose.choice([" ", "  ", "\t"]).join(text))
        return texts

    def encode(self, model, text):
        import jayparks_checkpoint as files

        ids = files.vocabulary(model.o)["src_dict"][1]
        return [ids.get(word, 1) for word in text.lower().strip().split()]

    def decode(self, model, ids):
        """data_utils.py: words up to <eos>, but for <pad> and <bos>."""
        import jayparks_checkpoint as files

        words = files.vocabulary(model.o)["tgt_dict"][2]
        return " ".join(words[i] for i in ids if i not in (0, 2, case.END))


def main():
    case.main(["numpy", "safetensors", "torch"])
