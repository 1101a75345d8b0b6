"""The one procedure: the rules of all domains put together, for the book and for audits alike."""

from typing import Final

import chapters.assurance.rules
import chapters.gate
import chapters.rules
import deliberation.rules
import voting.rules
from civic.kernel.record import adoption, time
from civic.kernel.record.adoption import arranged
from civic.kernel.record.rules import Procedure

DRAFT: Final = Procedure(
    0,
    (*time.KINDS, adoption.KIND),
    (
        chapters.rules.PART,
        chapters.assurance.rules.PART,
        deliberation.rules.PART,
        voting.rules.PART,
    ),
    chapters.gate.gate,
    time.extension,
)
"""Rules version 0, the draft: it may change at any release; no real chapter is founded under it."""

VERSIONS: Final = arranged(DRAFT)
"""All versions of the rules that this program can run, by number."""
