"""A group of commands of which one needs no name: ``stillwatch share "Campaign 1" --to peers``."""

from typing import Any

from typer.core import TyperGroup


class WithDefault(TyperGroup):
    """Takes the command named by ``default_name`` where the first word names none."""

    default_name = ""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] not in ("--help", "-h"):
            args = [self.default_name, *args]
        return super().parse_args(ctx, args)
