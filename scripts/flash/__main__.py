"""``scripts/flash.sh``: see ``--help``."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from kiosk.errors import ConfigError, KioskError, ProvisionError
from kiosk.provision.bundle import Bundle
from kiosk.provision.layout import LEAST_DATA
from scripts.flash import card_writer
from scripts.flash.card_writer import Order
from scripts.flash.device import Computer
from scripts.flash.medium import Medium
from scripts.flash.progress import Progress
from scripts.flash.signature import require_signature
from scripts.flash.site import load
from scripts.flash.source import ImageSource

_TOOLS = {"mcopy": "mtools", "mdir": "mtools", "mtype": "mtools", "mmd": "mtools"}


def main(
    arguments: Sequence[str] | None = None,
    computer: Computer | None = None,
    answer: Callable[[str], str] = input,
) -> int:
    """Write or verify a card. 0 it is good, 1 a fault, 2 something in the input, 3 not agreed."""
    given = _given(arguments)
    try:
        _require_tools()
        if given.verify:
            return _verify(given.verify)
        return _flash(given, computer or Computer(), answer)
    except KioskError as error:
        print(error.both(), file=sys.stderr)
        input_faults = ("sd_", "bundle_", "flash_no", "flash_image", "flash_tool", "flash_part")
        wrong_input = isinstance(error, ConfigError) or error.key.startswith(input_faults)
        return 2 if wrong_input else 1
    except KeyboardInterrupt:
        _say("Đã dừng: thẻ chưa dùng được.", "Stopped: the card cannot be used yet.")
        return 130


def _flash(given: argparse.Namespace, computer: Computer, answer: Callable[[str], str]) -> int:
    site = load(given.config)
    image = ImageSource(given.image, given.sha256)
    _verify_image(image)
    _verify_bundle(given.bundle, site.release_key)
    order = Order(image, given.bundle, site)
    if given.output:
        path, size = given.output, _output_size(order, given.size)
        order.layout(size)
        if path.exists():
            raise ProvisionError("flash_no_overwrite", file=path)
        with path.open("xb") as file:
            os.truncate(file.fileno(), size)
    else:
        device = computer.device(given.device)
        order.layout(device.bytes)  # too small? before anybody is asked
        path, size = device.path, device.bytes
        if not given.yes and not _agreed(device.words, device.removable, answer):
            return 3
    with Medium(path, size) as medium:
        card_writer.write(order, medium, _show)
    _say(f"Xong: {path} là thẻ của {site.hostname}.", f"Done: {path} is {site.hostname}'s card.")
    return 0


def _output_size(order: Order, size: int) -> int:
    least = order.layout(1 << 62).data_start + LEAST_DATA
    return size or least


def _verify_image(image: ImageSource) -> None:
    if not image.has_hash:
        raise ProvisionError("flash_no_hash", file=image.path)
    size = image.path.stat().st_size if image.path.exists() else 0
    image.verify(Progress("image sha256", size))


def _verify_bundle(path: Path, key: str) -> None:
    if not path.exists():
        raise ProvisionError("bundle_not_one", file=path)
    with Bundle.open(path) as bundle:
        if key:
            require_signature(bundle, key)
        told = Progress("bundle sha256", bundle.manifest.bytes)
        bundle.verify(lambda done, _: told(done))


def _verify(path: Path) -> int:
    try:
        size = path.stat().st_size
        with Medium(path, size) as medium:
            card_writer.verify(medium, _show, lambda line: print(f"{path}: {line}"))
    except OSError as error:
        raise ProvisionError("flash_no_device", device=path, reason=error.strerror) from error
    return 0


def _agreed(words: str, removable: bool, answer: Callable[[str], str]) -> bool:
    if not removable:
        _say("CHÚ Ý: đây không phải thẻ rời.", "NOTE: this is not a removable medium.")
    _say(f"{words}", "Mọi dữ liệu trên đó sẽ mất. Everything on it will be lost.")
    try:
        said = answer("Ghi? Gõ 'co' hoặc 'yes'. Write? Type 'yes': ").strip().lower()
    except EOFError:
        said = ""
    if said in ("yes", "co", "có"):
        return True
    _say("Không ghi gì.", "Nothing was written.")
    return False


def _require_tools() -> None:
    for tool, package in _TOOLS.items():
        if shutil.which(tool) is None:
            raise ProvisionError("flash_tool", tool=tool, package=package)


def _show(what: str, total: int) -> Callable[[int], None]:
    return Progress(what, total)


def _say(*lines: str) -> None:
    print("\n".join(lines), file=sys.stderr, flush=True)


def _bytes(text: str) -> int:
    units = {"M": 1 << 20, "G": 1 << 30}
    try:
        return int(float(text[:-1]) * units[text[-1].upper()])
    except (KeyError, ValueError, IndexError) as error:
        raise argparse.ArgumentTypeError(f"{text}: 8G, 500M …") from error


def _given(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="flash.sh",
        description="Ghi thẻ nhớ cho một kiosk. Write the card of one kiosk: the operating "
        "system, everything to install without a network, and the office's settings.",
        epilog="flash.sh --image raspios.img.xz --bundle kiosk.bundle --config site.toml /dev/sdX  "
        "·  site.toml: docs/technician.md",
    )
    parser.add_argument("device", nargs="?", type=Path, help="thẻ: the card's device, /dev/sdX")
    parser.add_argument("--image", type=Path, help="Raspberry Pi OS Lite 64-bit, .img or .img.xz")
    parser.add_argument("--sha256", default="", help="of the image file [IMAGE.sha256 beside it]")
    parser.add_argument("--bundle", type=Path, help="made by scripts/bundle.sh")
    parser.add_argument("--config", type=Path, help="site.toml: this kiosk's name, network, office")
    parser.add_argument("--output", type=Path, help="a file instead of a card; must not exist yet")
    parser.add_argument("--size", type=_bytes, default=0, help="of that file: 8G [the least]")
    parser.add_argument("--yes", action="store_true", help="không hỏi: do not ask")
    parser.add_argument(
        "--verify",
        type=Path,
        metavar="CARD",
        help="kiểm tra thẻ đã ghi: hold a card against what was written",
    )
    given = parser.parse_args(arguments)
    if given.verify:
        return given
    missing = [name for name in ("image", "bundle", "config") if getattr(given, name) is None]
    if missing:
        parser.error(f"cần --{missing[0]}: --{missing[0]} is needed")
    if (given.device is None) == (given.output is None):
        parser.error("một thiết bị hoặc --output: a device or --output, one of them")
    return given


if __name__ == "__main__":
    sys.exit(main())
