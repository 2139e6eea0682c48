"""Writing one card, from the first refusal to the last mark.

The table goes last of all the data, after everything was read back: a card that was pulled out
half-way has no partitions and is never mistaken for one. The very last is a file on the boot
partition that says so (``kiosk/complete.json``); without it the card says at its first start that
it is half written.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from kiosk.errors import ProvisionError
from kiosk.provision.bundle import Bundle
from kiosk.provision.card import COMPLETE, FOLDER
from kiosk.provision.layout import ALIGN, SECTOR, CardLayout, Partition, Table, plan
from scripts.flash import customise
from scripts.flash.boot_files import BootFiles
from scripts.flash.medium import Medium
from scripts.flash.site import Site
from scripts.flash.source import CHUNK, ImageSource, python_in

_WIPED = 8 << 20
"""Of the data partition's place: no file system of an earlier life may be found there."""

Show = Callable[[str, int], Callable[[int], None]]
"""Begins a stage (its name, its bytes) and is told the bytes done."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be written."""

    image: ImageSource
    bundle: Path
    site: Site

    def layout(self, card_bytes: int) -> CardLayout:
        """Where everything goes. Raises :class:`ProvisionError`."""
        table = Table.parse(self.image.head(SECTOR))
        return plan(table, self.bundle.stat().st_size, card_bytes)


def write(order: Order, medium: Medium, show: Show) -> None:
    """Write the card. Raises :class:`ProvisionError`; then the card has no table."""
    layout = order.layout(medium.size)
    medium.put(0, bytes(SECTOR))  # from here on it is no card of anything
    medium.sync()
    with tempfile.TemporaryDirectory() as scratch:
        boot = Path(scratch, "boot.fat")
        root = _image(order, layout, medium, boot, show)
        made = _boot(order.site, layout, medium, boot, show)
    bundle_bytes = order.bundle.stat().st_size
    _through(medium.write(layout.bundle.start, _file(order.bundle)), show("bundle", bundle_bytes))
    wiped = max(min(_WIPED, medium.size - layout.data_start), 0)
    medium.put(layout.data_start, bytes(wiped))
    medium.sync()
    _through(medium.read_back(), show("read back", medium.written))
    _seal(layout, medium, {"root": root, "boot": made, "data_start": layout.data_start})


def _image(
    order: Order, layout: CardLayout, medium: Medium, boot: Path, show: Show
) -> dict[str, object]:
    """Copy the image but for its table and its boot partition, which goes to ``boot``."""
    told = show("image", layout.image_bytes)
    with Bundle.open(order.bundle) as bundle:
        needs = bundle.manifest.python
    digest, done = hashlib.sha256(), 0
    with boot.open("wb") as aside:
        for offset, chunk in _numbered(order.image, layout.image_bytes):
            if (has := python_in(chunk)) not in (None, needs):
                raise ProvisionError("bundle_system", has=has, needs=needs)
            for start, part in _cut(offset, chunk, layout.boot):
                if layout.boot.start <= start < layout.boot.end:
                    aside.write(part)
                    continue
                for _ in medium.write(start, [part]):
                    pass
                if start >= layout.root.start:
                    digest.update(part)
                    done += len(part)
            told(offset + len(chunk))
    size = layout.image_bytes - layout.root.start
    if done != size:
        raise ProvisionError("flash_image", file=order.image.path, reason="shorter than its table")
    return {"start": layout.root.start, "bytes": size, "sha256": digest.hexdigest()}


def _numbered(image: ImageSource, size: int) -> Iterator[tuple[int, bytes]]:
    offset = 0
    for chunk in image.chunks():
        if offset >= size:
            return
        yield offset, chunk[: size - offset]
        offset += len(chunk)


def _cut(offset: int, chunk: bytes, boot: Partition) -> Iterator[tuple[int, bytes]]:
    """``chunk`` in pieces that lie wholly in the boot partition or wholly outside it, without the
    first sector."""
    edges = sorted({offset, offset + len(chunk), *(
        edge for edge in (SECTOR, boot.start, boot.end) if offset < edge < offset + len(chunk)
    )})  # fmt: skip
    for start, end in pairwise(edges):
        if start >= SECTOR:
            yield start, chunk[start - offset : end - offset]


def _boot(site: Site, layout: CardLayout, medium: Medium, boot: Path, show: Show) -> dict[str, str]:
    """Put the site's files on the boot partition and write it; their hashes."""
    files = BootFiles(boot)
    names = files.names()
    instance = f"kiosk-{uuid.uuid4()}"
    cmdline = files.read("cmdline.txt").decode("utf-8", "replace")
    made = customise.files(site, customise.style_of(names), cmdline, instance)
    files.write(made)
    _through(medium.write(layout.boot.start, _file(boot)), show("boot files", layout.boot.size))
    return {path: hashlib.sha256(content).hexdigest() for path, content in made.items()}


def _seal(layout: CardLayout, medium: Medium, complete: dict[str, object]) -> None:
    table = layout.table.render()
    medium.put(0, table)
    medium.sync()
    if medium.read(0, SECTOR) != table:
        raise ProvisionError("flash_read_back", device=medium.path, megabyte=0)
    mark = json.dumps(complete, indent=1).encode()
    BootFiles(medium.path, layout.boot.start).write({f"{FOLDER}/{COMPLETE}": mark})
    medium.sync()
    medium.reread_table()


def verify(medium: Medium, show: Show, say: Callable[[str], None]) -> None:
    """Hold a card against what was written to it. Raises :class:`ProvisionError`.

    A card that was started has changed its root on purpose; its bundle never changes.
    """
    table = Table.parse(medium.read(0, SECTOR))
    if len(table.partitions) not in (3, 4):
        raise ProvisionError("sd_incomplete")
    boot, _, bundle = table.partitions[:3]
    files = BootFiles(medium.path, boot.start)
    try:
        complete = json.loads(files.read(f"{FOLDER}/{COMPLETE}"))
        root, made = complete["root"], complete["boot"]
    except (ValueError, KeyError) as error:
        raise ProvisionError("sd_incomplete") from error
    with Bundle.open(medium.path, bundle.start) as on_card:
        told = show("bundle", on_card.manifest.bytes)
        on_card.verify(lambda done, _: told(done))
        version = on_card.manifest.version
    if len(table.partitions) == 4 or "checked" in files.names(FOLDER):
        say(f"version {version}: bundle good, card was started (its system is not compared)")
        return
    for path, digest in made.items():
        if hashlib.sha256(files.read(path)).hexdigest() != digest:
            raise ProvisionError("flash_boot_files", reason=path)
    told, digest = show("system", root["bytes"]), hashlib.sha256()
    for offset in range(0, root["bytes"], CHUNK):
        digest.update(medium.read(root["start"] + offset, min(CHUNK, root["bytes"] - offset)))
        told(offset)
    if digest.hexdigest() != root["sha256"]:
        raise ProvisionError("flash_read_back", device=medium.path, megabyte=root["start"] >> 20)
    say(f"version {version}: as it was written")


def _file(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(ALIGN):
            yield chunk


def _through(stages: Iterator[int], told: Callable[[int], None]) -> None:
    for done in stages:
        told(done)
