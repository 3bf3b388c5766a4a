#!/usr/bin/env python3
"""Fails, with file:line, where a relative link or an #anchor in a Markdown file of the repository leads nowhere."""
import os
import pathlib
import re
import sys
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parent.parent
FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
HEADING = re.compile(r" {0,3}#{1,6}\s+(.*?)(?:\s+#+)?\s*$")
LINK = re.compile(r"\[[^\]\[]*\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)|^ {0,3}\[[^\]\n]+\]:\s*<?([^\s>]+)", re.MULTILINE)


def pages():
    for folder, inner, files in os.walk(ROOT):
        inner[:] = [name for name in inner if not name.startswith((".", "build")) and name not in ("runs", "__pycache__")]
        yield from (pathlib.Path(folder, name) for name in files if name.endswith(".md"))


def blank(match):
    return re.sub(r"[^\n]", " ", match.group())


def prose(text):
    """The text with code made blank, line for line: what is left may be a link or a heading."""
    lines, fence, paragraph = [], None, False
    for line in text.split("\n"):
        mark = FENCE.match(line)
        indented = not paragraph and line.startswith("    ")
        hidden = fence is not None or mark is not None or indented
        if fence is None and mark:
            fence = mark.group(1)
        elif fence is not None and line.strip().startswith(fence) and not line.strip().strip(fence[0]):
            fence = None
        lines.append("" if hidden else line)
        paragraph = not hidden and bool(line.strip())
    return re.sub(r"<!--.*?-->", blank, "\n".join(lines), flags=re.DOTALL)


def anchors(page):
    """Those that GitHub gives the page's headings."""
    found = set()
    for line in prose(page.read_text()).split("\n"):
        if heading := HEADING.match(line):
            words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading.group(1))
            slug = re.sub(r"[^\w\- ]", "", words.lower()).replace(" ", "-")
            again = sum(1 for one in found if one == slug or re.fullmatch(re.escape(slug) + r"-\d+", one))
            found.add(f"{slug}-{again}" if again else slug)
    return found


def fault(page, target):
    """Why the link leads nowhere; None where it does not."""
    if re.match(r"[a-z][a-z0-9+.-]*:", target, re.IGNORECASE):
        return None  # another site's
    path, _, anchor = urllib.parse.unquote(target).partition("#")
    there = page if not path else (ROOT / path[1:] if path.startswith("/") else page.parent / path).resolve()
    if not there.exists() or not there.is_relative_to(ROOT):
        return f"there is no {path}"
    if anchor and there.suffix == ".md" and anchor not in anchors(there):
        return f"{there.relative_to(ROOT)} has no heading #{anchor}"
    return None


def main():
    dead = 0
    for page in sorted(pages()):
        text = re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", blank, prose(page.read_text()), flags=re.DOTALL)
        for link in LINK.finditer(text):
            if why := fault(page, link.group(1) or link.group(2)):
                line = text.count("\n", 0, link.start()) + 1
                print(f"{page.relative_to(ROOT)}:{line}: {why}", file=sys.stderr)
                dead += 1
    return 1 if dead else 0


if __name__ == "__main__":
    sys.exit(main())
