from __future__ import annotations

from pathlib import Path

from kiosk.health.checks import database
from kiosk.health.doctor import examine
from kiosk.health.finding import Level
from kiosk.store.database import Database
from kiosk.store.keys import key_for
from tests.health.kiosks import place


def test_a_key_that_others_can_read_is_its_owners_again(tmp_path: Path) -> None:
    here = place(tmp_path)
    key_file = here.settings.store.key_file
    Database.open(here.settings.store.path, key_for(here.settings.store)).close()
    key_file.chmod(0o644)
    (unmended,) = examine(here, checks=[database.CHECK]).checked
    assert (unmended.finding.level, unmended.fixed) == (Level.BAD, "")
    assert key_file.stat().st_mode & 0o777 == 0o644
    (mended,) = examine(here, mend=True, checks=[database.CHECK]).checked
    assert (mended.finding.level, mended.fixed) == (Level.GOOD, "permissions")
    assert key_file.stat().st_mode & 0o777 == 0o600
