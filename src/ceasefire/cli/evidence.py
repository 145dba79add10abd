"""Commands on the evidence: list, show, plot, import."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ceasefire.cli.terminal import day, terminal

if TYPE_CHECKING:
    from ceasefire.evidence import Evidence

app = typer.Typer(help="What was observed and who said it.", no_args_is_help=True, rich_markup_mode=None)

#: So many rows are printed where none is asked for by its day.
MOST_ROWS = 40

Quantity = Annotated[str, typer.Argument(help="A quantity: see `ceasefire evidence list`.")]
Side = Annotated[str | None, typer.Option(help="Only this side, by its code (RU, UA, ...).")]
Concept = Annotated[str | None, typer.Option(help="Only this concept (killed, killed_and_wounded, ...).")]
Place = Annotated[str | None, typer.Option(help="Only this place (whole_front, Bakhmut, ...).")]
At = Annotated[
    str | None, typer.Option(help="The figure of each source nearest to this day.", metavar="DATE")
]
Window = Annotated[int, typer.Option(help="How many days a figure may be from --at.")]
KnownBy = Annotated[str | None, typer.Option(help="Only what could be read by this day.", metavar="DATE")]
Imports = Annotated[
    Path | None,
    typer.Option(
        "--imports",
        help="Folder of imported evidence; .ceasefire/evidence in this folder where it exists.",
        envvar="CEASEFIRE_EVIDENCE",
    ),
]


def imports_folder(folder: Path | None) -> Path | None:
    """Return the folder of imports: the one named, else the usual one where it exists, else none."""
    from ceasefire.evidence import user_folder

    usual = user_folder()
    return folder if folder is not None else usual if usual.is_dir() else None


def with_imports(folder: Path | None) -> Evidence:
    """Return the package's evidence with the imports of a folder, or of the usual one where it exists."""
    from ceasefire.evidence import load

    return load(imports_folder(folder))


@app.command("list")
def list_quantities(
    word: Annotated[
        str | None, typer.Argument(help="Only those with this word in their name or meaning.")
    ] = None,
    json: Annotated[Path | None, typer.Option(help="Write the table as JSON to this file.")] = None,
    imports: Imports = None,
) -> None:
    """Print every quantity with its unit, its sources, its roots and its dates."""
    from ceasefire.cli.output import frame_as_json
    from ceasefire.report import quantities_table

    quantities = with_imports(imports).quantities()
    if word is not None:
        told = quantities["quantity"].str.replace("_", " ") + " " + quantities["quantity"]
        told = (told + " " + quantities["meaning"]).str.lower()
        quantities = quantities[told.str.contains(word.lower(), regex=False)]
    terminal.out.print(quantities_table(quantities, word))
    frame_as_json(quantities, json)


@app.command("show")
def show(
    quantity: Quantity,
    side: Side = None,
    concept: Concept = None,
    place: Place = None,
    at: At = None,
    window_days: Window = 30,
    known_by: KnownBy = None,
    everything: Annotated[
        bool, typer.Option("--all", help=f"Print every row; without --at {MOST_ROWS} are printed.")
    ] = False,
    json: Annotated[Path | None, typer.Option(help="Write the rows as JSON to this file.")] = None,
    csv: Annotated[Path | None, typer.Option(help="Write the rows as CSV to this file.")] = None,
    imports: Imports = None,
) -> None:
    """Print what every source said of a quantity, side by side; none is chosen."""
    from ceasefire.cli.output import check_targets, frame_as_csv, frame_as_json
    from ceasefire.report import evidence_table

    check_targets({"--json": json, "--csv": csv})
    target = day(at, "--at")
    rows = with_imports(imports).ask(
        quantity,
        side=side,
        concept=concept,
        place=place,
        at=target,
        window_days=window_days if target is not None else None,
        known_by=day(known_by, "--known-by"),
    )
    most = None if everything or target is not None else MOST_ROWS
    terminal.out.print(evidence_table(rows, title=quantity, most=most))
    # What is written is whole, whatever is printed.
    frame_as_json(rows, json)
    frame_as_csv(rows, csv)


@app.command("plot")
def plot(
    quantity: Quantity,
    side: Side = None,
    concept: Concept = None,
    place: Place = None,
    known_by: KnownBy = None,
    out: Annotated[Path | None, typer.Option(help="Picture to write: .svg or .png.")] = None,
    imports: Imports = None,
) -> None:
    """Draw what every source said of a quantity over time."""
    from ceasefire.report import plot_evidence

    evidence = with_imports(imports)
    rows = evidence.ask(
        quantity, side=side, concept=concept, place=place, known_by=day(known_by, "--known-by")
    )
    titles = {name: source.title for name, source in evidence.sources.items()}
    path = plot_evidence(rows, titles, quantity, out or Path(f"{quantity}.svg"), sources=evidence.sources)
    terminal.out.print(f"picture: {path}", markup=False, soft_wrap=True)


@app.command("import")
def import_evidence(
    format: Annotated[str, typer.Argument(help="The file's format: see below.")],
    file: Annotated[Path, typer.Argument(help="The file.")],
    into: Annotated[
        Path | None, typer.Option(help="Folder to keep it in.", envvar="CEASEFIRE_EVIDENCE")
    ] = None,
) -> None:
    """Add a file that you have on disk: whole, or not at all.

    Formats: general-staff-json, economist-csv, acled-csv, ucdp-ged-csv.
    """
    from ceasefire.evidence import import_file, user_folder

    result = import_file(format, file, into or user_folder())
    said = f"imported {result.rows:,} rows of {result.source} into {result.path}"
    terminal.out.print(said, markup=False, soft_wrap=True)
