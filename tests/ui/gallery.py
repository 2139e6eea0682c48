"""An index of the pictures in a folder, by state: one row each, every look beside the other."""

from __future__ import annotations

from html import escape
from itertools import groupby
from pathlib import Path

_HEAD = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Screens</title>
<style>
body { font: 16px sans-serif; margin: 24px; background: #eee }
figure { display: inline-block; margin: 0 12px 24px 0; vertical-align: top }
img { display: block; height: 420px; border: 1px solid #999 }
</style>
"""


def write_index(folder: Path) -> Path:
    """``index.html`` for ``<state>-<vi|en>-<orientation>-<look>.png``; returns its path."""
    pictures = sorted(path.name for path in folder.glob("*-*-*-*.png"))
    rows = [
        f"<h2>{escape(state)}</h2>\n" + "\n".join(map(_figure, names))
        for state, names in groupby(pictures, key=lambda name: name.rsplit("-", 3)[0])
    ]
    index = folder / "index.html"
    index.write_text(_HEAD + "\n".join(rows) + "\n", encoding="utf-8")
    return index


def _figure(name: str) -> str:
    caption = " · ".join(name.removesuffix(".png").rsplit("-", 3)[1:])
    return (
        f'<figure><a href="{name}"><img src="{name}" loading="lazy" alt="{escape(name)}"></a>'
        f"<figcaption>{escape(caption)}</figcaption></figure>"
    )
