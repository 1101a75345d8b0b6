"""The words for the refusals of all domains in one import; each domain owns those of its codes.

A text may use the refusal's params as `%(name)s`. `problem.missing_texts()` names the codes that
have none yet; until then a page shows the plain meaning under which the code was registered.
"""

from types import MappingProxyType
from typing import Final

import chapters.assurance.refusal_texts
import chapters.keys.refusal_texts
import chapters.offices.refusal_texts
import chapters.refusal_texts
import chapters.standing.refusal_texts
import civic.kernel.web.refusal_texts
import civic.request_texts
import deliberation.moderation.refusal_texts
import deliberation.refusal_texts
import identity.refusal_texts
import voting.refusal_texts

MODULES: Final = (
    civic.kernel.web.refusal_texts,
    identity.refusal_texts,
    chapters.refusal_texts,
    chapters.offices.refusal_texts,
    chapters.standing.refusal_texts,
    chapters.assurance.refusal_texts,
    chapters.keys.refusal_texts,
    deliberation.refusal_texts,
    deliberation.moderation.refusal_texts,
    voting.refusal_texts,
    civic.request_texts,
)
"""The modules that hold words for refusals, lowest first."""

REFUSAL_TEXTS: Final = MappingProxyType(
    {code: text for module in MODULES for code, text in module.REFUSAL_TEXTS.items()}
)
"""The words for each refusal code."""
