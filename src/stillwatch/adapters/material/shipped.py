"""Reads scenarios: by the name of one that ships with the package, or from a file of the user's own."""

from importlib import resources
from pathlib import Path

from stillwatch.errors import UsageError
from stillwatch.rehearse.scenario import Scenario, parse

_FOLDER = resources.files("stillwatch.rehearse") / "scenarios"


def names() -> tuple[str, ...]:
    """The scenarios that ship with the package."""
    return tuple(sorted(item.name.removesuffix(".toml") for item in _FOLDER.iterdir() if item.name.endswith(".toml")))


def scenario(name: str) -> Scenario:
    """A shipped scenario by name, or one from a ``.toml`` file. ``UsageError`` where there is neither."""
    if name.endswith(".toml"):
        path = Path(name)
        if not path.is_file():
            raise UsageError(f"{name}: no such scenario file")
        return parse(path.read_text(encoding="utf-8"), name)
    if name not in names():
        raise UsageError(f"no scenario is called {name}; there are {', '.join(names())}")
    return parse((_FOLDER / f"{name}.toml").read_text(encoding="utf-8"), name)
