"""A Chromium without a window, driven through pipes by its DevTools protocol."""

import base64
import fcntl
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time


def find():
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    return None


def above_nine(descriptor):
    moved = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 10)
    os.close(descriptor)
    return moved


class Browser:
    def __init__(self, program):
        self.profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        down, self.out = os.pipe()
        self.into, up = os.pipe()
        # It reads commands from descriptor 3 and writes to 4, which must be none
        # of those that it is given.
        down, up = above_nine(down), above_nine(up)
        self.process = subprocess.Popen(
            ["bash", "-c", f'exec 3<&{down} 4>&{up}; exec "$@"', "-", program,
             "--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe",
             "--disable-background-networking", "--disable-component-update",
             "--disable-dev-shm-usage", "--disable-extensions", "--disable-sync",
             "--no-first-run", f"--user-data-dir={self.profile.name}"],
            pass_fds=(down, up), start_new_session=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(down)
        os.close(up)
        self.unread = b""
        self.last = 0
        self.console = []
        self.requested = []
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        self.session = None
        self.session = self._call("Target.attachToTarget", targetId=target,
                                  flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(domain + ".enable")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.killpg(self.process.pid, signal.SIGKILL)  # with its helpers
        self.process.wait()
        os.close(self.out)
        os.close(self.into)
        self.profile.cleanup()

    def call(self, method, **params):
        return self._call(method, sessionId=self.session, **params)

    def _call(self, method, sessionId=None, **params):
        self.last += 1
        message = {"id": self.last, "method": method, "params": params}
        if sessionId:
            message["sessionId"] = sessionId
        os.write(self.out, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._read()
            if answer.get("id") != self.last:
                self._note(answer)
                continue
            if "error" in answer:
                raise RuntimeError(f"{method}: {answer['error']}")
            return answer["result"]

    def _read(self):
        while b"\0" not in self.unread:
            part = os.read(self.into, 1 << 16)
            if not part:
                raise RuntimeError("the browser has ended")
            self.unread += part
        message, self.unread = self.unread.split(b"\0", 1)
        return json.loads(message)

    def _note(self, event):
        method = event.get("method", "")
        if method in ("Runtime.consoleAPICalled", "Runtime.exceptionThrown",
                      "Log.entryAdded"):
            self.console.append(event["params"])
        if method == "Network.requestWillBeSent":
            self.requested.append(event["params"]["request"]["url"])

    def open(self, address):
        self.call("Page.navigate", url="about:blank")
        self.call("Page.navigate", url=address)
        self.wait("document.readyState === 'complete'")

    def get(self, expression):
        """The value of an expression of the page."""
        answer = self.call("Runtime.evaluate", expression=expression,
                           awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(f"{expression}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def wait(self, expression, seconds=60):
        end = time.monotonic() + seconds
        while not self.get(f"!!({expression})"):
            if time.monotonic() > end:
                raise AssertionError(f"want {expression}, found it false")
            time.sleep(0.02)

    def type(self, selector, text):
        self.get(f"document.querySelector('{selector}').focus()")
        self.call("Input.insertText", text=text)

    def show(self, width, height, scheme):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height,
                  deviceScaleFactor=1, mobile=width < 500)
        self.call("Emulation.setEmulatedMedia",
                  features=[{"name": "prefers-color-scheme", "value": scheme}])

    def picture(self, path):
        data = self.call("Page.captureScreenshot", captureBeyondViewport=True)["data"]
        with open(path, "wb") as file:
            file.write(base64.b64decode(data))
