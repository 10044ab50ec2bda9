"""``stillwatch explain CASE``: for staff, why somebody is treated as they are."""

import time
from pathlib import Path
from typing import Annotated, get_args

import typer

from stillwatch.adapters.stores.keyfile import load_or_create
from stillwatch.adapters.stores.signatures import SignatureFile
from stillwatch.apps.deciding.explaining import explained, lines, parts
from stillwatch.apps.deciding.material import scan
from stillwatch.apps.gateway.wiring import SHIPPED, GateSettings, inline_rules, sketch_key
from stillwatch.decide.inline import Inline
from stillwatch.decide.inline.rules import RuleName
from stillwatch.sketch.keying import SketchKey


def explain(
    case: Annotated[str, typer.Argument(help="The reference that the caller quotes: C-…")],
    table: Annotated[Path, typer.Option("--table", help="Folder of the table, with its book of cases.")],
    state: Annotated[Path | None, typer.Option("--state", help="Folder of the gateway's state.")] = None,
    appeals: Annotated[
        Path | None, typer.Option("--appeals", envvar="STILLWATCH_APPEALS", help="Folder of appeals.")
    ] = None,
    campaigns: Annotated[
        list[Path] | None, typer.Option("--campaigns", help="The campaigns.json that it rests on: shows the evidence.")
    ] = None,
    record: Annotated[
        Path | None, typer.Option("--record", help="The request as an exchange record: shows what tripped a rule.")
    ] = None,
    inline: Annotated[str, typer.Option("--inline", help="The gateway's inline rules: shipped, or a file.")] = SHIPPED,
    key: Annotated[
        Path | None, typer.Option("--sketch-key", envvar="STILLWATCH_KEY", help="The sensor's key file.")
    ] = None,
) -> None:
    """Who decided, on what grounds, since when and until when; what the caller was told; what tripped an inline rule.

    It shows evidence, and with --record words of a request: keep it with staff.
    """
    settings = GateSettings(
        table=str(table), state="" if state is None else str(state), sketch_key="" if key is None else str(key)
    )
    known = [one for file in campaigns or () for one in scan(file).campaigns]
    found = explained(case, table, settings.hits, appeals, known)
    if record is not None:
        rules: tuple[RuleName, ...] = tuple(
            dict.fromkeys(hit.rule for hit in found.hits if hit.rule != "access-ring")
        ) or get_args(RuleName)
        sketch = SketchKey.from_bytes(load_or_create(sketch_key(settings))[0])
        memory = SignatureFile(settings.folder / "signatures.bin", sketch.check, settings.remembered)
        tripped = parts(Inline(inline_rules(inline), memory, sketch), record, rules, time.time_ns() // 1000)
        found = type(found)(found.case, found.rulings, found.hits, found.campaign, found.appeals, tripped)
    for line in lines(found):
        typer.echo(line)
