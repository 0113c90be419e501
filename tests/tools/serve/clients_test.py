"""The clients that people have, against `tessera serve`.

Each is a package of PyPI; one that is not installed is skipped and named. Leaves
with 77 ("skipped") where none is.
"""

import importlib
import os
import subprocess
import sys

TEXT = "Where is the station?"


def translated(program):
    done = subprocess.run([program, "translate"], input=TEXT + "\n",
                          capture_output=True, text=True, check=True)
    return done.stdout.strip()


def libretranslatepy(module, address, wanted):
    api = module.LibreTranslateAPI(address)
    assert api.translate(TEXT, "en", "fr") == wanted
    assert api.languages()[0]["targets"] == ["fr"]
    detected = api.detect(TEXT)[0]
    assert detected["language"] == "en" and 0 <= detected["confidence"] <= 100
    assert api.translate(TEXT, "auto", "fr") == wanted


def deep_translator(module, address, wanted):
    translator = module.LibreTranslator(
        source="en", target="fr", custom_url=address + "/", api_key="any")
    assert translator.translate(TEXT) == wanted


def deepl(module, address, wanted):
    client = module.DeepLClient("any", server_url=address)
    result = client.translate_text([TEXT, TEXT], target_lang="FR",
                                   source_lang="EN")
    assert [one.text for one in result] == [wanted, wanted]
    assert result[0].billed_characters == len(TEXT)
    assert client.translate_text(TEXT, target_lang="FR").text == wanted
    assert [one.code for one in client.get_target_languages()] == ["FR"]
    assert client.get_usage().character.count == 3 * len(TEXT)


def openai(module, address, wanted):
    client = module.OpenAI(api_key="any", base_url=address + "/v1")
    assert [model.id for model in client.models.list()] == ["en-fr"]
    assert client.models.retrieve("en-fr").object == "model"
    answer = client.post("/translations", cast_to=dict, body={"input": TEXT})
    assert answer["data"][0]["text"] == wanted
    # OpenAI has no endpoint for translations of texts: its client's own reader
    # of Server-Sent Events, which ends at [DONE] and raises what has an error.
    events = list(client.post(
        "/translations", cast_to=object, stream=True,
        stream_cls=module.Stream[object],
        body={"input": TEXT, "stream": True, "beam_size": 1}))
    deltas = [event["delta"] for event in events if "delta" in event]
    assert len(deltas) > 1 and "".join(deltas) == events[-1]["text"]
    try:
        client.post("/translations", cast_to=object, body={"input": 1})
    except module.BadRequestError as error:
        assert error.param == "input" and error.type == "invalid_request_error"
    else:
        raise AssertionError("want BadRequestError of a number")
    try:
        client.models.retrieve("none")
    except module.NotFoundError as error:
        assert error.code == "model_not_found"
    else:
        raise AssertionError("want NotFoundError of no model")


def tritonclient(_, address, wanted):
    module = importlib.import_module("tritonclient.http")
    client = module.InferenceServerClient(address.removeprefix("http://"))
    assert client.is_server_live() and client.is_server_ready()
    assert client.is_model_ready("en-fr")


def prometheus_client(_, metrics, wanted):
    from prometheus_client.parser import text_string_to_metric_families
    import urllib.request
    with urllib.request.urlopen(metrics) as page:
        families = {family.name: family for family in
                    text_string_to_metric_families(page.read().decode())}
    assert families["tessera_in_flight"].samples[0].value == 0
    assert families["tessera_request_seconds"].type == "histogram"


def main():
    program = os.environ["TESSERA_BIN"]
    wanted = translated(program)
    server = subprocess.Popen(
        [program, "serve", "--listen", "127.0.0.1:0", "--quiet",
         "--metrics", "127.0.0.1:0"], stdout=subprocess.PIPE, text=True)
    try:
        address = server.stdout.readline().split()[-1]
        metrics = server.stdout.readline().split()[-1]
        ran = 0
        # The metrics last: they tell of the others.
        for test in [libretranslatepy, deep_translator, deepl, openai,
                     tritonclient, prometheus_client]:
            name = test.__name__
            try:
                module = importlib.import_module(name)
            except ImportError:
                print(f"skipped: want {name}, found no such package")
                continue
            last = name == "prometheus_client"
            test(module, metrics if last else address, wanted)
            print(f"{name}: passed")
            ran += 1
    finally:
        server.terminate()
        server.wait()
    if server.returncode != 0:
        sys.exit(f"want exit code 0 of the server, found {server.returncode}")
    sys.exit(0 if ran > 0 else 77)


if __name__ == "__main__":
    main()
