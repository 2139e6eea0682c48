"""Secrets that others on the machine can read become their owner's alone."""

from __future__ import annotations

from kiosk.health.fix import Fix
from kiosk.health.place import Place

_SHARED_BITS = 0o177


def mend(place: Place) -> bool:
    """Take the bits away from each that has them."""
    store, sync = place.settings.store, place.settings.sync
    secrets = (store.key_file, store.path.with_name("office.secrets"), sync.device_file)
    shared = [each for each in secrets if each.exists() and each.stat().st_mode & _SHARED_BITS]
    for each in shared:
        each.chmod(0o600)
    return bool(shared)


FIX = Fix(
    "permissions",
    frozenset({"error.store_key_mode", "error.store_secrets_mode", "error.sync_key_mode"}),
    mend,
)
