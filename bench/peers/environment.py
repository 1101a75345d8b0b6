"""The templates of the peers: their own pages inside our frame, with our small macros."""

from pathlib import Path

from jinja2 import Environment

from civic.kernel.web import pages


def environment(**_options: object) -> Environment:
    """Return the environment, with compiled templates kept and never looked at again."""
    made = pages.environment([Path(__file__).parent / "templates", pages.template_folder()])
    made.auto_reload = False
    return made
