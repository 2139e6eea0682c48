"""An arm64 machine that boots a card as a Raspberry Pi does, and can lose its power."""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from kiosk.provision.layout import SECTOR, Table
from scripts.flash.boot_files import BootFiles


class PowerCut(Exception):
    """The power was cut, as it was meant to be."""


class Machine:
    """One card in one machine. The firmware's part (kernel, initramfs and command line from the
    FAT partition) is done here, as QEMU's ``virt`` has no such firmware."""

    def __init__(self, card: Path, scratch: Path, words: str = "") -> None:
        """``words`` are added to the kernel's command line."""
        self.card, self._scratch, self._words = card, scratch, words
        scratch.mkdir(parents=True, exist_ok=True)

    def run(
        self, until: Callable[[str], bool], timeout_s: float, cut_after_s: float | None = None
    ) -> str:
        """Switch on; the serial line's text when ``until`` says so of it. Then the power is cut.

        A restart of the machine is followed. Raises :class:`TimeoutError`, and :class:`PowerCut`
        ``cut_after_s`` after the start.
        """
        begun, said = time.monotonic(), ""
        while True:
            log = self._scratch / "serial.log"
            log.write_bytes(b"")
            process = self._start(log)
            try:
                while process.poll() is None:
                    text = said + _plain(log)
                    passed = time.monotonic() - begun
                    if until(text):
                        return text
                    if cut_after_s is not None and passed >= cut_after_s:
                        raise PowerCut(text)
                    if passed > timeout_s:
                        raise TimeoutError(f"{timeout_s:.0f} s\n{text[-6000:]}")
                    time.sleep(0.5)
            finally:
                process.kill()  # as when the plug is pulled: what the guest kept in memory is lost
                process.wait()
            said += _plain(log)

    def _start(self, log: Path) -> subprocess.Popen[bytes]:
        table = Table.parse(self.card.open("rb").read(SECTOR))
        files = BootFiles(self.card, table.partitions[0].start)
        for name in ("kernel8.img", "initramfs8"):
            path = self._scratch / name
            path.write_bytes(files.read(name))
        words = files.read("cmdline.txt").decode().replace("\n", " ")
        words += " systemd.show_status=1 systemd.journald.forward_to_console=1 panic=5"
        words += " mitigations=off audit=0"  # nobody attacks it here
        words += f" {self._words}"
        return subprocess.Popen(
            # The Raspberry Pi 5's processor; its atomic instructions are cheaper to emulate than
            # what the Pi 4's has instead.
            ["qemu-system-aarch64", "-M", "virt,gic-version=3", "-cpu", "cortex-a76", "-smp", "2",
             "-m", "1536", "-accel", "tcg,thread=multi,tb-size=1024",
             "-nographic", "-no-reboot", "-nic", "none",
             "-monitor", "none", "-serial", f"file:{log}", "-device", "virtio-rng-pci",
             "-kernel", str(self._scratch / "kernel8.img"),
             "-initrd", str(self._scratch / "initramfs8"), "-append", words,
             "-drive", f"file={self.card},format=raw,if=none,id=card,cache=unsafe",
             "-device", "virtio-blk-pci,drive=card"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip


def _plain(log: Path) -> str:
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", log.read_text("utf-8", "replace"))
