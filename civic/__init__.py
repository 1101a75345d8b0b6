"""civic: software with which a dispersed people governs itself."""

from importlib.metadata import version

__version__ = version("civic")
