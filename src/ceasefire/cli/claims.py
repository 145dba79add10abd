"""Commands on claims files: list, new, lint."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ceasefire.cli.evidence import Imports, with_imports
from ceasefire.cli.terminal import terminal
from ceasefire.files import InputError

app = typer.Typer(help="What an article says, made checkable.", no_args_is_help=True, rich_markup_mode=None)


@app.command("list")
def list_claims() -> None:
    """Print the claims files that come with the package."""
    from ceasefire.claims import shipped_claims

    for name, title in shipped_claims().items():
        terminal.out.print(f"{name}  {title}", markup=False, soft_wrap=True)


@app.command("new")
def new(
    file: Annotated[Path | None, typer.Argument(help="File to write; printed where none is named.")] = None,
) -> None:
    """Write a commented template of a claims file; a file that exists is never overwritten."""
    from ceasefire.claims import template

    write_template(template(), file)


@app.command("lint")
def lint(
    file: Annotated[str, typer.Argument(help="A shipped claims file by its name, or a YAML file.")],
    imports: Imports = None,
) -> None:
    """Check a claims file; leave with 1 where it has errors. Notes are no errors: an audit runs with them."""
    from ceasefire.claims import lint as find

    findings = find(file, evidence=with_imports(imports))
    for finding in findings:
        terminal.out.print(str(finding), markup=False, soft_wrap=True)
    errors = sum(finding.severity == "error" for finding in findings)
    if errors:
        raise typer.Exit(1)
    notes = f"; notes: {len(findings)}" if findings else ""
    terminal.out.print(f"{file}: no errors found{notes}.", markup=False, soft_wrap=True)


def write_template(text: str, file: Path | None) -> None:
    """Print a template, or write it to a file that does not exist yet."""
    from ceasefire.files import write_atomically

    if file is None:
        terminal.out.print(text, markup=False, soft_wrap=True, end="")
        return
    if file.exists():
        raise InputError("the file exists already; it was left as it is.", str(file), "name a new file.")
    terminal.out.print(f"written: {write_atomically(file, text)}", markup=False, soft_wrap=True)
