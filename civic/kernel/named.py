"""Functions named by text, for processes that are told on their command line what to run."""

from collections.abc import Callable
from importlib import import_module
from typing import Any


def function_named(name: str) -> Callable[..., Any]:
    """Import the function `package.module:function`; ValueError if it is not one."""
    module, _, attribute = name.partition(":")
    found = getattr(import_module(module), attribute, None)
    if not callable(found):
        raise ValueError(f"{name} is no function.")
    function: Callable[..., Any] = found
    return function
