"""``scripts/test-image.sh``: see ``--help``."""

from __future__ import annotations

import argparse
import json
import re
import shutil
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from kiosk.provision.bundle import Bundle
from scripts.bundle.__main__ import main as make_bundle
from scripts.flash.__main__ import main as flash
from scripts.image import card_image, cuts, disk, inside, newer, scene
from scripts.image.central import KIOSK, URL, Central
from scripts.image.nspawn import Container
from scripts.image.qemu import Machine
from scripts.image.roots import CACHE

_EXPOSURE = 2.5
_WORKS, _BROKEN = "9.0", "9.1"
_DOES_NOT_START = {"bin/kiosk-session": b"#!/bin/sh\nexit 1\n"}


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
    box, central, old = _office()
    begun = time.monotonic()
    said = box.boot(1800)
    (CACHE / "nspawn-first.log").write_text(said)
    _require("Done. The machine starts again" in said, f"first boot did not finish\n{said[-3000:]}")
    _say(f"first boot: {time.monotonic() - begun:.0f} s")
    box.boot(3600)
    found = (box.data / "check.txt").read_text("utf-8", "replace")
    (CACHE / "nspawn-check.txt").write_text(found)
    parts = dict(re.findall(r"== (\w+)\n(.*?)(?=^== |\Z)", found, re.DOTALL | re.MULTILINE))
    _require(parts["active"].split() == ["active", "active"], f"not running: {found[-3000:]}")
    _require(not parts["failed"].strip(), f"failed units: {parts['failed']}")
    _require(parts["verify"].strip() == "status 0", f"systemd-analyze verify: {parts['verify']}")
    _require("cannot" not in parts["enrolled"], f"not enrolled: {parts['enrolled']}")
    handed_over = parts["safe"].split()
    _require(handed_over == ["failed", "active", "active", "inactive"], f"safe: {handed_over}")
    for unit, exposure in re.findall(r"(\S+) ([\d.]+)", parts["security"]):
        _say(f"exposure {unit}: {exposure}")
        _require(float(exposure) <= _EXPOSURE, f"{unit} is exposed: {exposure}")
    for night, running in (("night1", old), ("night2", _WORKS)):
        said, state = parts[night].splitlines()[:2]
        wanted = {"running": running, "staged": None, "on_trial": False, "failed": [_BROKEN]}
        _require(json.loads(said) == wanted and state == "active", f"{night}: {parts[night]}")
        _say(f"{night}: {said}")
    heard = central.releases()
    _require(re.search(rf"^{_WORKS}\t.*run: {KIOSK}$", heard, re.MULTILINE), f"central: {heard}")
    numbers = inside.of_state(box.data / "state", box.data / "etc/kiosk-key")
    _require(bool(numbers.issued) and numbers.printed > 0, f"no ticket was printed: {numbers}")
    _require(len(set(numbers.issued)) == len(numbers.issued), f"a number twice: {numbers}")
    _require(not (box.root / "usr/x").exists(), "the root is not read-only")
    _say(f"numbers {', '.join(numbers.issued)}; {numbers.printed} papers")


def _office() -> tuple[Container, Central, str]:
    """A container beside a central server that offers two newer releases, of which the newest
    does not start; that server; and the version it begins with."""
    central, bundle = Central(CACHE / "central"), _bundle("amd64")
    central.prepare()
    for version, hours, changed in ((_WORKS, 1, {}), (_BROKEN, 2, _DOES_NOT_START)):
        path = newer.bundle(bundle, CACHE / "newer.bundle", version, hours=hours, changed=changed)
        central.publish(path, newer.PUBLIC)
        path.unlink()
    site = scene.site(
        CACHE / "nspawn-site",
        key=newer.PUBLIC,
        central=f'enrolment_token = "{central.invitation()}"\nca = "central.pem"\n',
        changes={
            "url": f'"{URL}"',
            "ca_file": '"server-ca.pem"',
            # An office that says no hours sleeps from 2 to 4, when it is updated, but always gives
            # numbers.
            "timezone": f'"{_where_it_is_two()}"',
        },
    )
    shutil.copyfile(central.certificate, site.parent / "central.pem")
    box = Container(CACHE / "nspawn", CACHE / "nspawn.console", central.command)
    box.prepare(site, bundle)
    with Bundle.open(bundle) as opened:
        return box, central, opened.manifest.version


def _where_it_is_two() -> str:
    east = (2 - datetime.now(UTC).hour + 12) % 24 - 12
    return f"Etc/GMT{-east:+d}"  # its sign is the other way round


def _qemu(given: argparse.Namespace) -> None:
    card = CACHE / "card.img" if given.resume else _card(given.style)
    machine = Machine(card, CACHE / "qemu")
    begun = time.monotonic()
    said = machine.run(lambda text: card_image.END in text, given.hours * 3600)
    (CACHE / "qemu.log").write_text(said)
    _say(f"to a printed ticket: {time.monotonic() - begun:.0f} s (emulated)")
    for line in re.findall(r".*(?:provision: |image: |Started kiosk\.service).*", said):
        _say(f"  {line.strip()[:120]}")
    for wanted in card_image.WANTED:
        _require(wanted in said, f"it never said {wanted!r}")
    numbers = inside.numbers(card)
    _say(f"numbers {', '.join(numbers.issued)}; {numbers.printed} papers")
    _require(bool(numbers.issued) and numbers.printed > 0, "no ticket was printed")


def _disk(given: argparse.Namespace) -> None:
    disk.run(_card(given.style), given)


def _bundle(arch: str) -> Path:
    bundle = CACHE / f"{arch}.bundle"
    _require(make_bundle(["--arch", arch, "--output", str(bundle)]) == 0, "no bundle")
    return bundle


def _card(style: card_image.Style) -> Path:
    card = CACHE / "card.img"
    card.unlink(missing_ok=True)
    status = flash(["--image", str(card_image.build(style)), "--bundle", str(_bundle("arm64")),
                    "--config", str(scene.site(CACHE / "qemu-site", emulated=True)),
                    "--output", str(card)])  # fmt: skip
    _require(status == 0, "flash.sh failed")
    return card


def _require(good: object, what: str) -> None:
    if not good:
        raise AssertionError(what)


def _say(line: str) -> None:
    print(line, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="test-image.sh",
        description="From a blank card to a printed ticket, without a Raspberry Pi: in a container "
        "(nspawn), with power cuts (cuts), in an emulated arm64 machine (disk, qemu).",
    )
    parser.add_argument("tier", choices=["nspawn", "cuts", "disk", "qemu"])
    parser.add_argument("--style", choices=["cloud-init", "firstrun"], default="cloud-init")
    parser.add_argument("--resume", action="store_true", help="go on with the card of the last run")
    parser.add_argument("--hours", type=float, default=3, help="of patience with the emulator")
    parser.add_argument("--count", type=int, default=30, help="power cuts")
    parser.add_argument("--first-boots", type=int, default=15, help="of them in first boots")
    parser.add_argument("--minutes", type=float, default=1e9, help="stop after so many")
    parser.add_argument("--longest", type=float, default=110, help="seconds until a cut, at most")
    parser.add_argument("--seed", type=int, default=1)
    return parser


if __name__ == "__main__":
    sys.exit(main())
