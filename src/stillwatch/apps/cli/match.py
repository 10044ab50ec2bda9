"""``stillwatch match``: who else has seen these identifiers? Nobody learns of those that nobody shares."""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from stillwatch.adapters.stores.keyfile import load_or_create
from stillwatch.adapters.transports.matching import KeyHolder
from stillwatch.apps.cli.default_command import WithDefault
from stillwatch.apps.cli.given import given
from stillwatch.apps.matching.asking import question
from stillwatch.apps.matching.comparing import differences
from stillwatch.apps.matching.consenting import Correspondence
from stillwatch.apps.matching.keeping import Folder
from stillwatch.apps.matching.opening import openings
from stillwatch.apps.matching.running import Runner, outlasting
from stillwatch.apps.matching.telling import told
from stillwatch.apps.member.outbox import write_whole
from stillwatch.apps.member.secrets import credential
from stillwatch.errors import IntegrityError, UsageError
from stillwatch.guard.ledger import VerifierKey
from stillwatch.match.canary import from_networks
from stillwatch.match.consent import Identity
from stillwatch.match.epochs import Epoch
from stillwatch.match.faults import MatchError
from stillwatch.match.identifiers import Identifier, Unfit, canonical


class _Drawn(msgspec.Struct, frozen=True):
    """What a member needs of the rows that it is to open."""

    labels: tuple[str, ...]


class _Match(WithDefault):
    default_name = "find"


match = typer.Typer(
    name="match",
    cls=_Match,
    help="Find which identifiers other members look for too: stillwatch match --forum URL --trustee URL …",
    no_args_is_help=True,
)
Forum = Annotated[str, typer.Option("--forum", help="The forum's address, as in https://forum.example/.")]
Credential = Annotated[Path, typer.Option("--credential", help="File with the credential for the forum, mode 0600.")]
Trustee = Annotated[str, typer.Option("--trustee", help="The trustee's address.")]
TrusteeCredential = Annotated[
    Path, typer.Option("--trustee-credential", help="File with the credential for the trustee, mode 0600.")
]
EpochName = Annotated[str | None, typer.Option("--epoch", help="Default: the open one that closes last.")]
State = Annotated[
    Path, typer.Option("--state", help="The folder of the match: OUT with .match, if not said otherwise.")
]
Contact = Annotated[str, typer.Option("--contact", help="How you want to be reached, for whoever agrees.")]
Authority = Annotated[Path | None, typer.Option("--ca", help="Certificates to trust besides the system's (PEM).")]

#: Seconds between tries where a holder does not answer, doubled each time.
PAUSE = 0.5


@match.command("find")
def find(
    forum: Forum,
    trustee: Trustee,
    out: Annotated[Path, typer.Option("--out", help="Where the sightings go, as JSON; for `scan --sightings`.")],
    campaign: Annotated[
        Path | None, typer.Option("--campaign", help="A campaigns.json, with the scan's watch-list beside it.")
    ] = None,
    identifiers: Annotated[
        Path | None,
        typer.Option("--identifiers", help="JSON Lines or CSV with type and value, as watchlist.jsonl."),
    ] = None,
    forum_credential: Credential = Path("forum.credential"),
    trustee_credential: TrusteeCredential = Path("trustee.credential"),
    state: Annotated[
        Path | None,
        typer.Option("--state", help="Folder for sessions, which a later run goes on with; default: OUT with .match."),
    ] = None,
    epoch: EpochName = None,
    ca: Authority = None,
    tries: Annotated[int, typer.Option("--tries", min=1, help="How often a holder is asked that is away.")] = 5,
    common: Annotated[
        Path | None,
        typer.Option("--common", help="JSON with what everybody has and nobody asks about: ranges of carriers, exits."),
    ] = None,
    audit: Annotated[
        bool, typer.Option("--audit", help="Ask both for proofs that others can check later; dearer for everybody.")
    ] = False,
) -> None:
    """Find which identifiers other members look for too, through two key holders of whom neither can search alone."""
    asked = question(identifiers, campaign, common)
    folder = state or out.with_name(f"{out.name}.match")
    with _runner(folder, (forum, forum_credential), (trustee, trustee_credential), ca, audit=audit) as runner:
        outcome = outlasting(lambda: runner.run(asked, epoch), lambda number: time.sleep(PAUSE * 2**number), tries)
    found = told(asked, outcome, forum)
    write_whole(out, json.dumps(found, indent=2, ensure_ascii=False).encode() + b"\n")
    typer.echo(
        f"{found['asked']:,} identifiers asked, {len(found['sightings']):,} looked for by others too, "
        f"{len(found['refused']):,} not asked, {len(found['left_out_common']):,} left out as common: {out}",
        err=True,
    )


@match.command()
def move(
    old: Annotated[str, typer.Argument(help="The epoch whose matches are moved on.")],
    new: Annotated[str, typer.Argument(help="The open epoch that they are moved to.")],
    forum: Forum,
    trustee: Trustee,
    state: State,
    forum_credential: Credential = Path("forum.credential"),
    trustee_credential: TrusteeCredential = Path("trustee.credential"),
    ca: Authority = None,
) -> None:
    """Move what was matched in one epoch to the next, without its identifiers, before the old keys are destroyed."""
    with _runner(state, (forum, forum_credential), (trustee, trustee_credential), ca) as runner:
        count = runner.move(old, new)
    typer.echo(f"{count:,} identifiers moved from {old} to {new}", err=True)


@match.command()
def wish(
    type_: Annotated[str, typer.Argument(metavar="TYPE", help="The type of the identifier.")],
    value: Annotated[
        str,
        typer.Argument(
            help="The identifier, which a match has shown that others hold too; - reads it from standard "
            "input, where no list of processes shows it."
        ),
    ],
    forum: Forum,
    state: State,
    contact: Contact,
    forum_credential: Credential = Path("forum.credential"),
    ca: Authority = None,
) -> None:
    """Ask the other holders of an identifier who they are. To whoever agrees we say who we are."""
    spelt = canonical(type_, sys.stdin.readline().strip() if value == "-" else value)
    if isinstance(spelt, Unfit):
        raise UsageError(f"{type_}: {spelt.reason}")
    with _correspondence(forum, forum_credential, state, contact, ca) as letters:
        typer.echo(letters.wish(spelt))


@match.command()
def agree(
    wanted: Annotated[str, typer.Argument(metavar="WISH", help="The wish's id, as `letters` shows it.")],
    forum: Forum,
    state: State,
    contact: Contact,
    forum_credential: Credential = Path("forum.credential"),
    ca: Authority = None,
) -> None:
    """Agree to a wish: whoever sent it learns who we are. To say nothing is to refuse."""
    with _correspondence(forum, forum_credential, state, contact, ca) as letters:
        typer.echo(letters.agree(wanted))


@match.command("letters")
def read_letters(
    forum: Forum,
    state: State,
    contact: Contact,
    forum_credential: Credential = Path("forum.credential"),
    ca: Authority = None,
) -> None:
    """Read the post: who wishes to know us, and who was met. Prints JSON."""
    with _correspondence(forum, forum_credential, state, contact, ca) as letters:
        typer.echo(json.dumps(letters.read(), indent=2, ensure_ascii=False))


@match.command("open")
def open_rows(
    drawn: Annotated[Path, typer.Argument(help="What `stillwatch forum match audit draw` printed.")], state: State
) -> None:
    """Open the rows of an audit: prints what the forum's `audit check` takes. No identifier is shown."""
    try:
        labels = [bytes.fromhex(label) for label in msgspec.json.decode(given(drawn), type=_Drawn).labels]
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{drawn} is not what `stillwatch forum match audit draw` printed") from error
    with Folder(state) as folder:
        found = openings(folder, labels)
    shown = {label.hex(): (each.seal.hex(), each.record.hex()) for label, each in found.items()}
    typer.echo(json.dumps({"openings": shown}, indent=2))


@match.command()
def canaries(
    forum: Forum,
    trustee: Trustee,
    network: Annotated[list[str], typer.Option("--network", help="Addresses that nobody uses: 203.0.113.0/24.")],
    secret: Annotated[Path, typer.Option("--secret", help="File with the auditor's secret; made where there is none.")],
    out: Annotated[Path, typer.Option("--out", help="Where the labels go, for `forum match canaries`.")],
    count: Annotated[int, typer.Option("--count", min=2, help="How many.")] = 64,
    state: Annotated[Path | None, typer.Option("--state", help="Folder for pins; default: OUT with .match.")] = None,
    forum_credential: Credential = Path("forum.credential"),
    trustee_credential: TrusteeCredential = Path("trustee.credential"),
    epoch: EpochName = None,
    ca: Authority = None,
) -> None:
    """For an auditor: draw addresses that no honest log holds, and write their labels. Uploads nothing."""
    value, _ = load_or_create(secret)

    def chosen(described: Epoch) -> tuple[Identifier, ...]:
        try:
            return from_networks(value, described.id, network, count)
        except ValueError as error:
            raise UsageError(f"--network: {error}") from error

    folder = state or out.with_name(f"{out.name}.match")
    with _runner(folder, (forum, forum_credential), (trustee, trustee_credential), ca) as runner:
        labels = runner.labels(chosen, epoch)
    write_whole(out, "".join(f"{label.hex()}\n" for label in labels).encode())


@match.command("compare")
def compare_ledgers(
    forum: Annotated[Path, typer.Argument(help="The forum's exported ledger.")],
    trustee: Annotated[Path, typer.Argument(help="The trustee's exported ledger.")],
    key: Annotated[
        list[Path] | None, typer.Option("--key", help="File with a ledger's public key. Repeatable.")
    ] = None,
) -> None:
    """For an auditor: do both holders tell of the same sessions? Prints where they differ, as JSON."""
    keys = tuple(VerifierKey.parse(given(path).decode("utf-8", "replace").strip()) for path in key or [])
    found = differences(forum, trustee, keys)
    typer.echo(json.dumps(msgspec.to_builtins(found), indent=2))
    faults = sum(not each.unfinished for each in found)
    if faults:
        raise IntegrityError(f"the two ledgers tell differently of {faults:,} sessions that were not broken off")


def _tell(line: str) -> None:
    typer.echo(line, err=True)


@contextmanager
def _runner(
    state: Path, forum: tuple[str, Path], trustee: tuple[str, Path], ca: Path | None, *, audit: bool = False
) -> Iterator[Runner]:
    """A member between two holders, each with its address and the file of our credential there."""
    if forum[0].rstrip("/") == trustee[0].rstrip("/"):
        raise UsageError("--forum and --trustee are the same: whoever holds both keys can search every identifier")
    with (
        Folder(state) as folder,
        KeyHolder("forum", forum[0], credential(forum[1]), ca=ca) as ours,
        KeyHolder("trustee", trustee[0], credential(trustee[1]), ca=ca) as theirs,
    ):
        try:
            yield Runner(folder, ours, theirs, datetime.now(UTC), _tell, audit=audit)
        except MatchError as error:
            raise UsageError(f"the match stopped ({error.code}): {error}") from error


@contextmanager
def _correspondence(
    forum: str, forum_credential: Path, state: Path, contact: str, ca: Path | None
) -> Iterator[Correspondence]:
    with Folder(state) as folder, KeyHolder("forum", forum, credential(forum_credential), ca=ca) as holder:
        try:
            yield Correspondence(folder, holder, Identity(member=holder.me(), contact=contact))
        except MatchError as error:
            raise UsageError(f"the letter can't be used ({error.code}): {error}") from error
