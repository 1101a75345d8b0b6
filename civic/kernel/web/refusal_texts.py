"""What people read when the rules refuse an act: one text for each registered refusal code.

A text may use the refusal's params as `%(name)s`. `problem.missing_texts()` names the codes that
have none yet; until then a page shows the plain meaning under which the code was registered.
"""

from typing import Final

from civic.kernel.web.problem_texts import ProblemText

REFUSAL_TEXTS: Final[dict[str, ProblemText]] = {}
