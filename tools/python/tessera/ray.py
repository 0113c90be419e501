"""Ray: actors for Ray Data, and a deployment for Ray Serve."""

from __future__ import annotations

import importlib
import os
from typing import Any

from ._aio import AsyncTranslator
from ._columns import Columns


class Translate(Columns):
    """For map_batches with a pool of actors, one a machine:

        dataset.map_batches(
            tessera.ray.Translate,
            fn_constructor_kwargs=dict(model=folder, threads=16, column="text"),
            compute=ray.data.ActorPoolStrategy(min_size=1, max_size=8),
            batch_size=4096, batch_format="pyarrow", num_cpus=15)

    An actor of many threads has one copy of the weights, and one process to start.
    `batch_size` should be 256 a thread or more, so that few wait at a batch's end;
    `num_cpus` should be `threads`, or one less where those are all that a machine
    has: Ray reads and writes with the rest. A text that fails has its error and
    never fails the batch.
    """

    def __init__(self, model: str, **options: Any) -> None:
        super().__init__(model, **options)
        self.translator.translate([])  # loads as the actor starts

    def __call__(self, batch: Any) -> Any:
        return self.table(batch)


def deployment(
    model: str | os.PathLike[str], *, threads: int = 1, **serve_options: Any
) -> Any:
    """An application for serve.run: texts of all its requests share batches.

    A handle's remote(text, num_beams=4) gives a dict; over HTTP a JSON object with
    `text` and options gives the same.
    """
    serve = importlib.import_module("ray.serve")

    class Tessera:
        def __init__(self, folder: str, threads: int) -> None:
            self.shared = AsyncTranslator(folder, threads)

        async def __call__(self, text: Any, **options: Any) -> dict[str, Any]:
            if not isinstance(text, str):
                options = await text.json()
                text = options.pop("text")
            found = await self.shared.translate(text, **options)
            return {"text": found.text, "score": found.score, "error": found.error}

    settings = {
        "max_ongoing_requests": 64 * threads,
        "ray_actor_options": {"num_cpus": threads},
        **serve_options,
    }
    folder = os.path.abspath(os.fspath(model))
    return serve.deployment(**settings)(Tessera).bind(folder, threads)
