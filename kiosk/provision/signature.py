"""Ed25519 over the manifest, which holds the hash of everything else."""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from kiosk.provision.bundle import Bundle


def is_signed(bundle: Bundle, key: str) -> bool:
    """Whether the private half of ``key`` (hex) signed ``bundle``."""
    try:
        public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(key))
        public.verify(bundle.signature, bundle.raw_manifest)
    except (InvalidSignature, ValueError):
        return False
    return True
