"""Whether a bundle was signed by the publisher the site trusts."""

from __future__ import annotations

from kiosk.errors import ProvisionError
from kiosk.provision.bundle import Bundle


def require_signature(bundle: Bundle, key: str) -> None:
    """``key``: 32 bytes of an Ed25519 public key in hex. Raises :class:`ProvisionError`."""
    try:
        from kiosk.provision.signature import is_signed
    except ImportError as error:
        raise ProvisionError(
            "flash_tool", tool="cryptography", package="python3-cryptography"
        ) from error
    if not is_signed(bundle, key):
        raise ProvisionError("bundle_unsigned", file=bundle.where)
