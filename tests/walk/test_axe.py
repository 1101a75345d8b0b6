"""The program that looks at pages is what its authors published."""

import hashlib
import json

from tests.walk import fetch_axe


def test_every_file_is_recorded_and_has_its_digest() -> None:
    record = json.loads(fetch_axe.RECORD.read_text())
    kept = {
        one.name: hashlib.sha256(one.read_bytes()).hexdigest()
        for one in fetch_axe.FOLDER.iterdir()
        if one != fetch_axe.RECORD
    }
    assert kept == record["files"]
    assert set(kept) == set(fetch_axe.FILES)
    assert record["version"] == fetch_axe.VERSION
    assert f"axe v{record['version']}" in (fetch_axe.FOLDER / "axe.min.js").read_text()[:40]
    assert "Mozilla Public License" in (fetch_axe.FOLDER / "LICENSE").read_text()[:200]
