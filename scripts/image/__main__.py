"""``scripts/test-image.sh``: see ``--help``."""

from __future__ import annotations

import argparse
import re
import shutil
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from scripts.bundle.__main__ import main as make_bundle
from scripts.flash.__main__ import main as flash
from scripts.image import card_image, cuts, disk, inside, scene
from scripts.image.nspawn import Container
from scripts.image.qemu import READY, Machine
from scripts.image.roots import CACHE

_EXPOSURE = 2.5
_BOOT_S = 3600.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one tier; 0 when everything held."""
    given = _parser().parse_args(arguments)
    try:
        tiers = {"nspawn": _nspawn, "qemu": _qemu, "cuts": cuts.run, "disk": _disk}
        tiers[given.tier](given)
    except (AssertionError, TimeoutError) as error:
        _say(f"FAILED: {error}")
        return 1
    return 0


def _nspawn(_: argparse.Namespace) -> None:
    box = Container(CACHE / "nspawn", CACHE / "nspawn.console")
    box.prepare(scene.site(CACHE / "site"), _bundle("amd64"))
    begun = time.monotonic()
    said = box.boot(1800)
    (CACHE / "nspawn-first.log").write_text(said)
    _require("Done. The machine starts again" in said, f"first boot did not finish\n{said[-3000:]}")
    _say(f"first boot: {time.monotonic() - begun:.0f} s")
    box.boot(1800)
    found = (box.data / "check.txt").read_text("utf-8", "replace")
    (CACHE / "nspawn-check.txt").write_text(found)
    parts = dict(re.findall(r"== (\w+)\n(.*?)(?=^== |\Z)", found, re.DOTALL | re.MULTILINE))
    _require(parts["active"].split() == ["active", "active"], f"not running: {found[-3000:]}")
    _require(not parts["failed"].strip(), f"failed units: {parts['failed']}")
    _require(parts["verify"].strip() == "status 0", f"systemd-analyze verify: {parts['verify']}")
    handed_over = parts["safe"].split()
    _require(handed_over == ["failed", "active", "active", "inactive"], f"safe: {handed_over}")
    for unit, exposure in re.findall(r"(\S+) ([\d.]+)", parts["security"]):
        _say(f"exposure {unit}: {exposure}")
        _require(float(exposure) <= _EXPOSURE, f"{unit} is exposed: {exposure}")
    numbers = inside.of_state(box.data / "state", box.data / "etc/kiosk-key")
    _require(bool(numbers.issued) and numbers.printed > 0, f"no ticket was printed: {numbers}")
    _require(not (box.root / "usr/x").exists(), "the root is not read-only")
    _say(f"numbers {', '.join(numbers.issued)}; {numbers.printed} papers")


def _qemu(given: argparse.Namespace) -> None:
    card = _card(given.style)
    machine = Machine(card, CACHE / "qemu")
    begun = time.monotonic()
    said = machine.run(_printed(), _BOOT_S)
    (CACHE / "qemu.log").write_text(said)
    _say(f"blank card to a printed ticket: {time.monotonic() - begun:.0f} s (emulated)")
    for line in re.findall(r".*(?:provision: \d/\d|slot a|Started kiosk\.service).*", said):
        _say(f"  {line.strip()[:120]}")
    numbers = inside.numbers(card)
    _say(f"numbers {', '.join(numbers.issued)}; {numbers.printed} papers")
    _require(bool(numbers.issued) and numbers.printed > 0, "no ticket was printed")
    if given.keep:
        shutil.copyfile(card, given.keep)


def _disk(given: argparse.Namespace) -> None:
    disk.run(_card(given.style), given)


def _printed() -> Callable[[str], bool]:
    begun: list[float] = []

    def until(text: str) -> bool:
        if READY in text and not begun:
            begun.append(time.monotonic())
        # The visitor takes some seconds; emulated, some more.
        return bool(begun) and time.monotonic() - begun[0] > 150

    return until


def _bundle(arch: str) -> Path:
    bundle = CACHE / f"{arch}.bundle"
    _require(make_bundle(["--arch", arch, "--output", str(bundle)]) == 0, "no bundle")
    return bundle


def _card(style: card_image.Style) -> Path:
    image, card = card_image.build(style), CACHE / "card.img"
    master = CACHE / f"card-{style}.img"
    if not master.exists():
        site = scene.site(CACHE / "site")
        status = flash(["--image", str(image), "--bundle", str(_bundle("arm64")),
                        "--config", str(site), "--output", str(master)])  # fmt: skip
        _require(status == 0, "flash.sh failed")
    card.unlink(missing_ok=True)
    shutil.copyfile(master, card)
    return card


def _require(good: bool, what: str) -> None:
    if not good:
        raise AssertionError(what)


def _say(line: str) -> None:
    print(line, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="test-image.sh", description=__doc__)
    parser.add_argument("tier", choices=["nspawn", "cuts", "disk", "qemu"])
    parser.add_argument("--style", choices=["cloud-init", "firstrun"], default="cloud-init")
    parser.add_argument("--keep", type=Path, help="keep the finished card as this file")
    parser.add_argument("--count", type=int, default=30, help="power cuts")
    parser.add_argument("--first-boots", type=int, default=15, help="of them in first boots")
    parser.add_argument("--minutes", type=float, default=1e9, help="stop after so many")
    parser.add_argument("--longest", type=float, default=75, help="seconds until a cut, at most")
    parser.add_argument("--seed", type=int, default=1)
    return parser


if __name__ == "__main__":
    sys.exit(main())
