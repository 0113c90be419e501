"""A trained digit model as a folder of the family tessera_transformer."""

import json
import os


from safetensors.torch import save_file

import digits_task as task

GENERATION = {
    "num_beams": 1,
    "max_length": task.LONGEST + 2,  # the start token and the end, too
    "pad_token_id": task.PAD,
    "decoder_start_token_id": task.START,
    "eos_token_id": task.END,
}
TOKENIZER = {
    "tokenizer_class": "TesseraWords",
    "source_eos": True,
    "pad_token": task.WORDS[task.PAD],
    "unk_token": task.WORDS[task.UNKNOWN],
    "bos_token": task.WORDS[task.START],
    "eos_token": task.WORDS[task.END],
}


def stored(model):
    """Tensors as stored: float16, but kappa and alpha, which sum to 1."""
    exact = ("kappa", "alpha")
    return {
        name: tensor if name.endswith(exact) else tensor.half()
        for name, tensor in model.state_dict().items()
    }


def rounded(model):
    """The weights that a reader of the folder computes with."""
    return {name: tensor.float() for name, tensor in stored(model).items()}


def export(model, folder, config, notes):
    """Writes the folder; notes is what training.json shall tell."""
    os.makedirs(folder, exist_ok=True)
    tensors = {
        name: tensor.contiguous() for name, tensor in stored(model).items()
    }
    save_file(tensors, f"{folder}/model.safetensors")
    vocabulary = {word: i for i, word in enumerate(task.WORDS)}
    files = {
        "config": config,
        "generation_config": GENERATION,
        "tokenizer_config": TOKENIZER,
        "source_vocab": vocabulary,
        "target_vocab": vocabulary,
        "training": notes,
    }
    for name, content in files.items():
        with open(f"{folder}/{name}.json", "w", encoding="utf-8") as file:
            json.dump(content, file, indent=1)
            file.write("\n")
    for name in os.listdir(folder):
        os.chmod(f"{folder}/{name}", 0o644)
