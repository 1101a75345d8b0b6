"""What an auditor says of the record in the end."""

from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine

from bench.stage import Stage
from civic.audit.run import audit_record
from civic.kernel.record import note
from civic.kernel.record.bundle import Bundle
from civic.operate.export import export_chapter
from tests.crash.journal import Line, Seen
from tests.interop.go_verifier import MISSING, verify_log


async def audit_clean(engine: AsyncEngine, stage: Stage, lines: list[Line], to: Path) -> int:
    """Export the record, have it audited by both programs, and return its size.

    The audit is also shown the checkpoints that were served on the way.
    """
    await export_chapter(engine, stage.chapter, to)
    seen = list(dict.fromkeys(one.note.encode() for one in lines if isinstance(one, Seen)))
    with Bundle.open(to) as bundle:
        report = audit_record(bundle, chapter=stage.chapter, seen=seen[:: max(1, len(seen) // 20)])
    assert report.findings == ()
    assert report.status == 0
    if MISSING is None:
        vkey = (to / "log" / "vkey").read_text().strip()
        code, output = verify_log(to / "log", note.parse_vkey(vkey).name, vkey)
        assert code == 0, output
    return report.size
