"""Programs of others are what their authors published, but for the names in their imports."""

import hashlib
import json
import re
from pathlib import Path

from docs.vendored import fetch_noble

RECORD = json.loads(fetch_noble.RECORD.read_text())


def files() -> dict[str, Path]:
    folder = fetch_noble.FOLDER
    return {str(one.relative_to(folder)): one for one in folder.rglob("*") if one.is_file()}


def test_every_file_is_recorded_and_has_its_digest() -> None:
    kept = {name: hashlib.sha256(one.read_bytes()).hexdigest() for name, one in files().items()}
    assert kept == {name: one["kept"] for name, one in RECORD["files"].items()}
    assert {name: one["version"] for name, one in RECORD["packages"].items()} == (
        fetch_noble.VERSIONS
    )


def test_every_import_is_a_file_that_is_kept() -> None:
    known = files()
    imported = 0
    for name, path in known.items():
        if not name.endswith(".js"):
            continue
        for target in re.findall(
            r"^(?:import|export)\b[^;]*?from [\"']([^\"']+)", path.read_text(), re.M
        ):
            imported += 1
            assert target.startswith("."), (name, target)
            assert (path.parent / target).resolve() in {one.resolve() for one in known.values()}
    assert imported > 30


def test_only_names_of_imports_are_rewritten() -> None:
    ours, imported = fetch_noble.rewritten(
        "curves",
        "abstract/frost.js",
        "import { utf8ToBytes } from '@noble/hashes/utils.js';\n"
        'import { a } from "../utils.js";\n'
        "throw new Error('from @noble/hashes');\n",
    )
    assert ours.splitlines()[0] == "import { utf8ToBytes } from '../../hashes/utils.js';"
    assert ours.splitlines()[1:] == [
        'import { a } from "../utils.js";',
        "throw new Error('from @noble/hashes');",
    ]
    assert imported == [("hashes", "utils.js"), ("curves", "utils.js")]
