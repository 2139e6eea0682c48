"""A USB bus without hardware: printers on it are found, claimed, unplugged and plugged in again."""

from __future__ import annotations

import errno
from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from usb.core import USBError, USBTimeoutError

_ENGLISH = b"\x04\x03\x09\x04"


@dataclass(eq=False)
class UsbPrinter:
    """A device with one printer interface and two bulk endpoints."""

    serial_number: str
    vendor: int = 0x04B8
    product: int = 0x0E15
    readable: bool = True
    """Whether this process may ask for its strings."""
    taken: bool = False
    """Whether another process has claimed it."""
    written: bytes = b""
    answers: list[bytes] = field(default_factory=list)
    address: int = 0


class Bus:
    """What pyusb asks for devices."""

    def __init__(self) -> None:
        self.plugged: list[UsbPrinter] = []
        self._address = 0

    def plug(self, printer: UsbPrinter) -> None:
        """As after a power cycle, it has another address every time."""
        self._address += 1
        printer.address = self._address
        self.plugged.append(printer)

    def enumerate_devices(self) -> Iterable[UsbPrinter]:
        return iter(list(self.plugged))

    def get_device_descriptor(self, dev: UsbPrinter) -> Any:
        return SimpleNamespace(
            bLength=18, bDescriptorType=1, bcdUSB=0x200, bDeviceClass=0, bDeviceSubClass=0,
            bDeviceProtocol=0, bMaxPacketSize0=64, idVendor=dev.vendor, idProduct=dev.product,
            bcdDevice=0x100, iManufacturer=0, iProduct=0, iSerialNumber=1, bNumConfigurations=1,
            address=dev.address, bus=1, port_number=1, port_numbers=(1,), speed=3,
        )  # fmt: skip

    def get_configuration_descriptor(self, dev: UsbPrinter, config: int) -> Any:
        return SimpleNamespace(
            bLength=9, bDescriptorType=2, wTotalLength=32, bNumInterfaces=1, bConfigurationValue=1,
            iConfiguration=0, bmAttributes=0xC0, bMaxPower=1, extra_descriptors=[],
        )  # fmt: skip

    def get_interface_descriptor(self, dev: UsbPrinter, intf: int, alt: int, config: int) -> Any:
        if (intf, alt) != (0, 0):
            raise IndexError
        return SimpleNamespace(
            bLength=9, bDescriptorType=4, bInterfaceNumber=0, bAlternateSetting=0, bNumEndpoints=2,
            bInterfaceClass=7, bInterfaceSubClass=1, bInterfaceProtocol=2, iInterface=0,
            extra_descriptors=[],
        )  # fmt: skip

    def get_endpoint_descriptor(
        self, dev: UsbPrinter, ep: int, intf: int, alt: int, config: int
    ) -> Any:
        return SimpleNamespace(
            bLength=7, bDescriptorType=5, bEndpointAddress=(0x01, 0x82)[ep], bmAttributes=2,
            wMaxPacketSize=64, bInterval=0, bRefresh=0, bSynchAddress=0, extra_descriptors=[],
        )  # fmt: skip

    def open_device(self, dev: UsbPrinter) -> UsbPrinter:
        if dev not in self.plugged:
            raise USBError("No such device", errno=errno.ENODEV)
        return dev

    def close_device(self, dev_handle: UsbPrinter) -> None:
        pass

    def set_configuration(self, dev_handle: UsbPrinter, config_value: int) -> None:
        self._busy(dev_handle)

    def get_configuration(self, dev_handle: UsbPrinter) -> int:
        return 1

    def claim_interface(self, dev_handle: UsbPrinter, intf: int) -> None:
        self._busy(dev_handle)

    def release_interface(self, dev_handle: UsbPrinter, intf: int) -> None:
        pass

    def reset_device(self, dev_handle: UsbPrinter) -> None:
        pass

    def ctrl_transfer(
        self,
        dev_handle: UsbPrinter,
        bmRequestType: int,  # noqa: N803 -- named by pyusb
        bRequest: int,  # noqa: N803
        wValue: int,  # noqa: N803
        wIndex: int,  # noqa: N803
        data: array[int],
        timeout: int,
    ) -> int:
        if not dev_handle.readable:
            raise USBError("Access denied", errno=errno.EACCES)
        text = dev_handle.serial_number.encode("utf-16-le")
        answer = bytes((len(text) + 2, 3)) + text if wValue & 0xFF else _ENGLISH
        data[: len(answer)] = array("B", answer)
        return len(answer)

    def bulk_write(
        self, dev_handle: UsbPrinter, ep: int, intf: int, data: array[int], timeout: int
    ) -> int:
        self.open_device(dev_handle)
        dev_handle.written += bytes(data)
        return len(data)

    def bulk_read(
        self, dev_handle: UsbPrinter, ep: int, intf: int, buff: array[int], timeout: int
    ) -> int:
        self.open_device(dev_handle)
        if not dev_handle.answers:
            raise USBTimeoutError("Operation timed out", errno=errno.ETIMEDOUT)
        answer = dev_handle.answers.pop(0)
        buff[: len(answer)] = array("B", answer)
        return len(answer)

    # Named by pyusb, which looks them up for every transfer; printers have bulk endpoints only.
    intr_write = iso_write = bulk_write
    intr_read = iso_read = bulk_read

    def _busy(self, printer: UsbPrinter) -> None:
        if printer.taken:
            raise USBError("Resource busy", errno=errno.EBUSY)
