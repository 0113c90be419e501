#!/usr/bin/env python3
"""The server that people write first: FastAPI around CTranslate2.

A request is a call of translate_batch in FastAPI's pool of threads; one CPU, one
translator, beam 4, int8, as `tessera serve` has it beside it (load.py).
"""

import argparse

import ctranslate2
import fastapi
import pydantic
import sentencepiece
import uvicorn


class Request(pydantic.BaseModel):
    input: str


def make_app(model, tokenizers):
    translator = ctranslate2.Translator(
        model, device="cpu", compute_type="int8", inter_threads=1,
        intra_threads=1)
    source = sentencepiece.SentencePieceProcessor(f"{tokenizers}/source.spm")
    target = sentencepiece.SentencePieceProcessor(f"{tokenizers}/target.spm")
    app = fastapi.FastAPI()

    @app.get("/health")
    def health():
        return {"status": "ok"}

    @app.post("/v1/translations")
    def translations(request: Request):
        pieces = source.encode(request.input, out_type=str) + ["</s>"]
        result = translator.translate_batch([pieces], beam_size=4)[0]
        return {"text": target.decode(result.hypotheses[0])}

    return app


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--model", required=True,
                        help="a folder of CTranslate2's")
    parser.add_argument("--tokenizers", default="models/bundled/tatoeba-en-fr")
    parser.add_argument("--port", type=int, required=True)
    arguments = parser.parse_args()
    uvicorn.run(make_app(arguments.model, arguments.tokenizers),
                port=arguments.port, log_level="warning", access_log=False)


if __name__ == "__main__":
    main()
