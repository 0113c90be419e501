"""A folder that several processes write to: files that others see whole or not at
all, and claims on what one of them works on."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path

CLAIM_SECONDS = 60.0  # a claim that was not renewed for so long is nobody's


def sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def own_name(path: Path) -> Path:
    unique = f"{socket.gethostname()}-{os.getpid()}-{threading.get_ident()}"
    return path.with_name(f"{path.name}.tmp-{unique}")


def put(path: Path, write: Callable[[Path], None]) -> None:
    """Writes a file that is there whole or not at all."""
    own = own_name(path)
    write(own)
    with own.open("rb") as file:
        os.fsync(file.fileno())
    try:
        os.replace(own, path)
    except FileNotFoundError:
        if not path.exists():  # else another has finished it, and cleared up
            raise
    sync_folder(path.parent)
    for left in path.parent.glob(f"{path.name}.tmp-*"):
        left.unlink(missing_ok=True)


def put_text(path: Path, text: str) -> None:
    def write(own: Path) -> None:
        own.write_text(text)

    put(path, write)


class Claims:
    """Parts that this process works on, as files that others see."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.held: set[Path] = set()
        folder.mkdir(exist_ok=True)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._renew, daemon=True)
        self._thread.start()

    def _renew(self) -> None:
        while not self._stop.wait(CLAIM_SECONDS / 6):
            for claim in list(self.held):
                try:
                    os.utime(claim)
                except FileNotFoundError:
                    pass

    def take(self, name: str) -> bool:
        claim = self.folder / name
        try:
            if time.time() - claim.stat().st_mtime > CLAIM_SECONDS:
                own = own_name(claim)
                os.replace(claim, own)  # of several who see it one succeeds
                own.unlink()
        except FileNotFoundError:
            pass
        try:
            os.close(os.open(claim, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
        except FileExistsError:
            return False
        self.held.add(claim)
        return True

    def release(self, name: str) -> None:
        claim = self.folder / name
        self.held.discard(claim)
        claim.unlink(missing_ok=True)

    def close(self) -> None:
        self._stop.set()
        self._thread.join()
        for claim in list(self.held):
            self.release(claim.name)
