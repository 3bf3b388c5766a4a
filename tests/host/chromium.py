"""A headless Chromium, told what to do through its debugging pipe: no package, no port."""

import base64
import json
import os
import pathlib
import shutil
import subprocess
import tempfile


def program():
    """Its path; None where there is none."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


class Chromium:
    """One tab. Chromium reads commands from descriptor 3 and writes answers to 4, JSON between zero bytes."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="agon-chromium-")
        to_it, self.commands = os.pipe()
        self.answers, from_it = os.pipe()

        def take_pipes():
            for old, new in ((to_it, 13), (from_it, 14), (13, 3), (14, 4)):
                os.dup2(old, new)

        self.process = subprocess.Popen(
            [program(), "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--disable-dev-shm-usage",
             "--remote-debugging-pipe", f"--user-data-dir={self.folder}", "about:blank"],
            preexec_fn=take_pipes, close_fds=False, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(to_it)
        os.close(from_it)
        self.rest, self.number, self.session = b"", 0, None
        page = next(t for t in self.tell("Target.getTargets")["targetInfos"] if t["type"] == "page")
        self.session = self.tell("Target.attachToTarget", targetId=page["targetId"], flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Accessibility"):
            self.tell(f"{domain}.enable")

    def close(self):
        os.close(self.commands)
        self.process.terminate()
        self.process.wait(30)
        os.close(self.answers)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _message(self):
        while b"\0" not in self.rest:
            piece = os.read(self.answers, 1 << 20)
            if not piece:
                raise RuntimeError("chromium is gone")
            self.rest += piece
        message, self.rest = self.rest.split(b"\0", 1)
        return json.loads(message)

    def tell(self, method, **parameters):
        """What the command answers (the protocol's names)."""
        self.number += 1
        command = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            command["sessionId"] = self.session
        os.write(self.commands, json.dumps(command).encode() + b"\0")
        while (message := self._message()).get("id") != self.number:
            pass
        if "error" in message:
            raise RuntimeError(f"{method}: {message['error']}")
        return message["result"]

    def evaluate(self, script):
        answer = self.tell("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(str(answer["exceptionDetails"]))
        return answer["result"].get("value")

    def show(self, path, width, scheme, media="screen"):
        """Opens the file at that width, light or dark, as on a screen or on paper."""
        self.tell("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)
        self.tell("Emulation.setEmulatedMedia", media=media, features=[{"name": "prefers-color-scheme", "value": scheme}])
        self.tell("Page.navigate", url=pathlib.Path(path).resolve().as_uri())
        self.evaluate("new Promise(r => document.readyState == 'complete' ? r() : addEventListener('load', () => r()))")

    def picture(self, path):
        """Of the whole page, as PNG."""
        size = self.tell("Page.getLayoutMetrics")["cssContentSize"]
        shot = self.tell("Page.captureScreenshot", captureBeyondViewport=True, optimizeForSpeed=True,
                         clip={"x": 0, "y": 0, "width": size["width"], "height": min(size["height"], 16000), "scale": 1})
        pathlib.Path(path).write_bytes(base64.b64decode(shot["data"]))

    def print(self, path):
        """On A4."""
        paper = self.tell("Page.printToPDF", paperWidth=8.27, paperHeight=11.69)
        pathlib.Path(path).write_bytes(base64.b64decode(paper["data"]))

    def press(self, key, code):
        for kind in ("keyDown", "keyUp"):
            self.tell("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code,
                      **({"text": "\r"} if key == "Enter" and kind == "keyDown" else {}))
