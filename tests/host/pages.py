"""The pages for people, opened in Chromium: wide and narrow, light and dark, on paper, by keyboard, and as a screen reader has
them. With AGON_PAGES pictures are left there, to be looked at: in build-nightly/pages by tests/nightly.sh. Skipped, loudly,
where there is no Chromium."""

import os
import pathlib
import shutil
import subprocess
import sys
import unittest

import chromium
from cli_support import Case

HERE = pathlib.Path(__file__).resolve().parent
RECORDS = HERE.parents[1] / "host/data/flchain.csv"
MEASURE = (HERE / "pages.js").read_text()
PICTURES = pathlib.Path(os.environ["AGON_PAGES"]).absolute() if "AGON_PAGES" in os.environ else None
WIDTHS = (500, 1000, 1400)


class Pages(Case):
    """Of a run that has just begun, of one at its end, and of an evaluation: whatever pages the program writes."""

    @classmethod
    def setUpClass(cls):
        cls.browser = chromium.Chromium()
        cls.addClassCleanup(cls.browser.close)
        if PICTURES:
            PICTURES.mkdir(parents=True, exist_ok=True)

    def make_pages(self):
        self.write("flchain.csv", "\n".join(RECORDS.read_text().splitlines()[:1201]) + "\n")
        train = ["train", "flchain.csv", "--generator-hidden", "32,32", "--discriminator-hidden", "32,32", "--latent", "8",
                 "--batch", "64", "--device", "cpu", "--threads", "1", "--held-out", "0.2", "--checkpoint-every", "50", "--quiet"]
        self.agon(*train, "--out", "run", "--steps", "300", "--replicas", "2")
        self.agon(*train, "--out", "begun", "--steps", "1", "--samples-every", "0")
        self.agon("evaluate", "run", "--target", "death", "--threads", "1", "--out", "evaluation.html", "--quiet")
        self.pages = {str(p.relative_to(self.folder)).replace("/", "-").removesuffix(".html"): p
                      for p in sorted(self.folder.rglob("*.html"))}
        self.assertGreaterEqual(len(self.pages), 2)

    def measured(self, name, *how):
        for fault in self.browser.evaluate(MEASURE):
            self.faults.append(f"{name}, {' '.join(map(str, how))}: {fault}")

    def test_pages(self):
        self.make_pages()
        self.faults = []
        for name, path in self.pages.items():
            for width in WIDTHS:
                for scheme in ("light", "dark"):
                    self.browser.show(path, width, scheme)
                    if PICTURES:
                        self.browser.picture(PICTURES / f"{name}-{width}-{scheme}.png")
                    self.measured(name, width, scheme)
            self.on_paper(name, path)
            self.by_keyboard(name, path)
            self.read_aloud(name, path)
        self.assertFalse(self.faults, f"{len(self.faults)} faults:\n" + "\n".join(self.faults))

    def test_the_measure_finds_faults(self):
        self.write("bad.html", """<body style="width:900px"><h1>a</h1><h3>b</h3><details><p>x</p></details>
            <svg viewBox="0 0 1000 100" width="400"><text x="10" y="50" font-size="12">one</text>
            <text x="12" y="50" font-size="12">two</text></svg><p style="color:#999">pale</p><p id="p"></p><p id="p"></p>
            <table><tr><td>x</td></tr></table><a href="#no">to</a><table style="width:60px;table-layout:fixed"><tr>
            <th>headings</th><th>b</th></tr></table>""")
        self.browser.show(self.folder / "bad.html", 500, "light")
        faults = "\n".join(self.browser.evaluate(MEASURE))
        for part in ("the page is 9", "sticks out", "no name", "a text of 4.8 px", "lies on another text", "skips a level",
                     "a table without headings", "nothing opens this", "no language", "an id twice", "leads nowhere",
                     "contrast 2.85", "'headings' is broken"):
            self.assertIn(part, faults)

    def on_paper(self, name, path):
        """A4 within margins of a centimetre; the paper is white whatever the screen is."""
        self.browser.show(path, 718, "dark", media="print")
        self.measured(name, "print")
        dark = self.browser.evaluate("getComputedStyle(document.body).backgroundColor")
        if dark != "rgb(255, 255, 255)":
            self.faults.append(f"{name}: prints on {dark}")
        hidden = self.browser.evaluate("[...document.querySelectorAll('details')].filter(d => d.querySelector('svg') "
                                       "&& !d.querySelector('svg').getBoundingClientRect().width).length")
        if hidden:
            self.faults.append(f"{name}: {hidden} closed parts with charts are not printed")
        paper = (PICTURES or self.folder) / f"{name}.pdf"
        self.browser.print(paper)
        if shutil.which("pdftotext"):
            text = subprocess.run(["pdftotext", paper, "-"], capture_output=True, text=True).stdout
            blank = [i + 1 for i, page in enumerate(text.split("\f")[:-1]) if not page.strip()]
            if blank:
                self.faults.append(f"{name}: nothing on printed pages {blank}")

    def by_keyboard(self, name, path):
        """Tab comes to everything that opens, scrolls or leads elsewhere, and Enter opens it."""
        self.browser.show(path, 1000, "light")
        wanted = self.browser.evaluate("document.querySelectorAll('summary, a[href]').length")
        seen = set()  # Tab may go round
        for _ in range(wanted + 60):
            self.browser.press("Tab", 9)
            tag = self.browser.evaluate("document.activeElement.tagName")
            if tag == "BODY":
                break
            at = self.browser.evaluate("[...document.querySelectorAll('summary, a[href]')].indexOf(document.activeElement)")
            if at in seen:
                break
            seen |= {at} - {-1}
            if tag == "SUMMARY":
                was = self.browser.evaluate("document.activeElement.parentElement.open")
                self.browser.press("Enter", 13)
                if self.browser.evaluate("document.activeElement.parentElement.open") == was:
                    self.faults.append(f"{name}: Enter does not open what Tab came to")
                outline = self.browser.evaluate("getComputedStyle(document.activeElement).outlineStyle")
                if outline == "none":
                    self.faults.append(f"{name}: what has the keyboard's focus does not show it")
        if len(seen) != wanted:
            self.faults.append(f"{name}: Tab came to {len(seen)} of {wanted}")

    def read_aloud(self, name, path):
        self.browser.show(path, 1000, "light")
        nodes = [n for n in self.browser.tell("Accessibility.getFullAXTree")["nodes"] if not n.get("ignored")]
        of_role = lambda role: [n.get("name", {}).get("value", "") for n in nodes if n.get("role", {}).get("value") == role]
        images = of_role("image") + of_role("img")
        shown = self.browser.evaluate("[...document.querySelectorAll('svg')].filter(s => s.getBoundingClientRect().width).length")
        if len(images) != shown or not all(images):
            self.faults.append(f"{name}: {len(images)} charts are read aloud of {shown}: {images}")
        if not of_role("heading") or not all(of_role("heading")):
            self.faults.append(f"{name}: headings that are not read aloud")
        cells = self.browser.evaluate("[...document.querySelectorAll('th')].filter(t => t.innerText.trim()"
                                      " && t.getBoundingClientRect().width).length")
        told = sum(map(bool, of_role("rowheader") + of_role("columnheader")))
        if told != cells:
            self.faults.append(f"{name}: {told} of {cells} heading cells are read aloud as such")


if __name__ == "__main__":
    if chromium.program() is None:
        print("skipped: there is no Chromium (apt-get install chromium): nobody has looked at the pages")
        sys.exit(0)
    unittest.main()
