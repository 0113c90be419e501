"""Forks, pickles, the interpreter's end, and what else a process may do."""

import multiprocessing
import os
import pickle
import signal
import sys
import time

import pytest
import tessera
from conftest import run_python


def in_child(work, timeout=20):
    """Forks; what work() returns or raises, as text, of the child."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            try:
                answer = str(work())
            except BaseException as error:
                answer = f"{type(error).__name__}: {error}"
            os.write(writing, answer.encode())
        finally:
            os._exit(0)
    os.close(writing)
    deadline = time.monotonic() + timeout
    while os.waitpid(child, os.WNOHANG) == (0, 0):
        if time.monotonic() > deadline:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            os.close(reading)
            return "hangs"
        time.sleep(0.01)
    with os.fdopen(reading) as file:
        return file.read()


forks = pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")


@forks
def test_a_fork_is_a_clear_error(translator):
    translator.translate(["A dog."] * 10)
    for work in (
        lambda: translator.translate("A dog."),
        lambda: translator.attention("A dog."),
        lambda: next(translator.stream(["A dog."])),
        lambda: next(translator.stream_tokens("A dog.")),
        lambda: translator.score("A dog.", "Un chien."),
        lambda: translator.threads,
    ):
        assert "Error: translator: this one was loaded in another" in in_child(work)


@forks
def test_a_fork_inside_a_stream_is_a_clear_error(translator):
    stream = translator.stream(["A dog."] * 1000)
    next(stream)
    assert "Error: queue: want the process" in in_child(lambda: list(stream))
    stream.close()


@forks
def test_a_forked_child_lets_go_of_what_it_inherited(translator):
    loaded = tessera.Translator(translator.folder, threads=2)

    def work():
        nonlocal loaded
        loaded.close()
        loaded = None
        tessera._tessera.shutdown(warn_of_leaks=False)
        return "gone"

    assert in_child(work) == "gone"
    assert loaded.translate("A dog.").ok
    loaded.close()


@forks
@pytest.mark.parametrize("threads", [1, 2, 0])
def test_a_forked_child_may_load_its_own(translator, threads):
    translator.translate(["A dog."])  # alone: all threads in one team

    def load():
        with tessera.Translator(translator.folder, threads=threads) as own:
            return [own.translate("A dog.").text, *own.translate(["A cat."] * 50)][:2]

    assert in_child(load).startswith("['Un chien.', Translation('Un chat.'")


def test_a_child_of_a_clean_parent_loads_as_it_likes(model):
    found = run_python(
        """
import os, sys, tessera
child = os.fork()
if child == 0:
    with tessera.Translator(sys.argv[1], threads=2) as own:
        print(own.translate("A dog.").text)
    sys.exit(0)
sys.exit(os.waitpid(child, 0)[1])
""",
        model,
        timeout=20,
    )
    assert (found.returncode, found.stdout) == (0, "Un chien.\n")


def translate_in_worker(work):
    translator, text = work
    return translator.translate(text)


def test_spawned_workers_load_their_own(translator):
    one = tessera.Translator(translator.folder, threads=1)
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        found = pool.map(translate_in_worker, [(one, "A dog."), (one, "A cat.")])
    assert found == one.translate(["A dog.", "A cat."])
    one.close()


def test_pickles_are_path_and_options(model):
    one = tessera.Translator(model, threads=1, precision="f32")
    again = pickle.loads(pickle.dumps(one))
    assert again is one  # while it is there
    data = pickle.dumps(one)
    assert len(data) < 1000
    other = tessera.Translator(os.path.relpath(model), threads=1, precision="f32")
    assert pickle.dumps(other) == data
    one.close(), other.close()
    reloaded = pickle.loads(data)
    assert reloaded is not one and reloaded.threads == 1
    assert reloaded.translate("A dog.").text == "Un chien."
    reloaded.close()


@pytest.mark.parametrize("name", ["cloudpickle", "dill"])
def test_closures_pickle(model, name):
    pickler = pytest.importorskip(name)
    with tessera.Translator(model, threads=1) as one:
        closure = pickler.loads(pickler.dumps(lambda text: one.translate(text)))
        assert closure("A dog.").text == "Un chien."


def test_a_pickle_of_another_version_is_refused(translator):
    call, arguments = translator.__reduce__()
    with pytest.raises(tessera.Error, match="found 0.0.1"):
        call(*arguments[:2], "0.0.1")


EXITS = {
    "a list in a thread": """
threading.Thread(target=t.translate, args=(many,), daemon=True).start()
""",
    "a stream in a thread": """
threading.Thread(target=lambda: list(t.stream(many)), daemon=True).start()
""",
    "threads that begin again": """
def run():
    while True:
        try:
            t.translate(many[:10])
            t.attention("A dog.")
        except tessera.Error:
            pass
for _ in range(4):
    threading.Thread(target=run, daemon=True).start()
""",
    "an open stream": """
stream = t.stream(many)
next(stream)
""",
    "coroutines that nobody awaits": """
import asyncio
shared = tessera.AsyncTranslator(t)
async def leave():
    asyncio.ensure_future(shared.translate(many[:500]))
    await asyncio.sleep(0)
asyncio.run(leave())
""",
    "an exception": """
many.append(t)
raise SystemExit(0)
""",
}


@pytest.mark.parametrize("job", EXITS)
def test_the_interpreter_may_end_with_a_running_job(model, job):
    found = run_python(
        f"""
import sys, threading, time, tessera
threading.excepthook = lambda _: None
t = tessera.Translator(sys.argv[1], threads=2)
many = ["I have never seen a red house."] * 20000
{EXITS[job]}
time.sleep(0.2)
""",
        model,
        timeout=40,
    )
    assert (found.returncode, found.stdout, found.stderr) == (0, "", "")


EVERYTHING = """
import asyncio, pickle, sys, tessera
t = tessera.Translator(sys.argv[1], threads=2)
t.translate(["A dog.", "\\ud800"])
for text in (None, 3):
    try:
        t.translate([text])
    except TypeError:
        pass
try:
    t.translate("A dog.", beam_size=1000)
except tessera.Error:
    pass
kept = list(t.stream(["A dog."] * 10)), t.info, pickle.dumps(t)
half = t.stream(["A dog."] * 100)
next(half)
weights = t.attention("A dog.").cross.layers[0]
shared = tessera.AsyncTranslator(t)
asyncio.run(shared.translate(["A dog.", "A cat."]))
"""


def test_nothing_leaks_and_nothing_warns(model):
    found = run_python(EVERYTHING, model)
    assert (found.returncode, found.stdout, found.stderr) == (0, "", "")


def test_a_leak_would_be_seen(model):
    leak = "import ctypes; ctypes.pythonapi.Py_IncRef(ctypes.py_object(t.info))"
    found = run_python(EVERYTHING + leak, model)
    assert "nanobind: leaked 1 instances" in found.stderr


SUBINTERPRETER = """
import sys, tessera
code = f"import sys; sys.path[:] = {sys.path!r}; import tessera"
if sys.version_info >= (3, 13):
    import _interpreters
    print(_interpreters.exec(_interpreters.create(), code).formatted)
else:
    import _xxsubinterpreters
    try:
        _xxsubinterpreters.run_string(_xxsubinterpreters.create(), code)
    except _xxsubinterpreters.RunFailedError as error:
        print(error)
print(tessera.Translator(sys.argv[1], threads=1).translate("A dog.").text)
"""


def test_subinterpreters_are_refused(model):
    found = run_python(SUBINTERPRETER, model)
    refusal, text = found.stdout.splitlines()
    assert "ImportError" in refusal and text == "Un chien."
    assert found.returncode == 0


@pytest.mark.parametrize("order", ["torch, tessera", "tessera, torch"])
def test_torch_may_be_imported_before_and_after(model, order):
    pytest.importorskip("torch")
    found = run_python(
        f"""
import {order}
torch.ones(500, 500) @ torch.ones(500, 500)
print(tessera.Translator(sys.argv[1]).translate("A dog.").text)
torch.ones(500, 500) @ torch.ones(500, 500)
""".replace("import ", "import sys, ", 1),
        model,
    )
    assert (found.returncode, found.stdout) == (0, "Un chien.\n")
