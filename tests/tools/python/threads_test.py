"""Python threads, Ctrl-C, and translators that go away while they are used."""

import os
import signal
import sys
import threading
import time

import pytest
import tessera


def in_threads(count, work):
    """Runs work(number) in threads; raises what the first of them raised."""
    failures = []

    def run(number):
        try:
            work(number)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=run, args=(n,)) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


@pytest.fixture
def hasty():
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def test_eight_threads_share_one(translator, sentences, hasty):
    wanted = translator.translate(sentences[:80])

    def work(number):
        part = slice(10 * number, 10 * number + 10)
        for _ in range(5):
            assert translator.translate(sentences[part]) == wanted[part]
            assert list(translator.stream(sentences[part])) == wanted[part]
            translator.attention(sentences[number])

    in_threads(8, work)


def test_other_threads_run_meanwhile(translator, sentences):
    done = threading.Event()
    counted = 0

    def work(number):
        nonlocal counted
        if number == 0:
            translator.translate(sentences[:300])
            done.set()
        else:
            while not done.is_set():
                counted += 1
                time.sleep(0)

    in_threads(2, work)
    assert counted > 100


@pytest.mark.parametrize("close", [False, True])
def test_goes_away_while_it_is_used(model, sentences, close):
    translators = [tessera.Translator(model, threads=1)]
    wanted = translators[0].translate(sentences[:5])
    started = threading.Barrier(2)
    found = []

    def work(number):
        if number == 0:
            call = translators[0].translate
            started.wait()
            found.append(call(sentences[:5] + ["A dog."] * 200)[:5])
            return
        started.wait()
        time.sleep(0.02)
        if close:
            translators[0].close()
        else:
            translators.clear()

    in_threads(2, work)
    assert found == [wanted]


def after(seconds, act):
    timer = threading.Timer(seconds, act)
    timer.start()
    return timer


def test_ctrl_c_ends_a_list(translator):
    before = time.monotonic()
    timer = after(0.3, lambda: os.kill(os.getpid(), signal.SIGINT))
    with pytest.raises(KeyboardInterrupt):
        translator.translate(["I have never seen a red house."] * 200_000)
    timer.join()
    assert time.monotonic() - before < 30  # all of them take minutes
    assert translator.translate("A dog.").text == "Un chien."


def test_ctrl_c_ends_a_text_that_grows(translator):
    timer = after(0.3, lambda: os.kill(os.getpid(), signal.SIGINT))
    with pytest.raises(KeyboardInterrupt):
        text = "I have never seen a red house. " * 16_000
        for _ in translator.stream_tokens(text, split="sentences", num_beams=4):
            pass
    timer.join()
    assert translator.translate("A dog.").text == "Un chien."


def test_ctrl_c_ends_scores(translator):
    before = time.monotonic()
    timer = after(1, lambda: os.kill(os.getpid(), signal.SIGINT))
    with pytest.raises(KeyboardInterrupt):
        translator.score(["I see a red house."] * 400_000, ["Je vois."] * 400_000)
    timer.join()
    assert time.monotonic() - before < 30  # all of them take minutes
    assert translator.translate("A dog.").text == "Un chien."


def test_ctrl_c_ends_a_stream(translator):
    timer = after(0.3, lambda: os.kill(os.getpid(), signal.SIGINT))
    with pytest.raises(KeyboardInterrupt):
        for _ in translator.stream("A dog." for _ in range(200_000)):
            pass
    timer.join()
    assert translator.translate("A dog.").text == "Un chien."
