"""The audit of an article."""

from __future__ import annotations

import dataclasses
import shlex
from pathlib import Path
from typing import Annotated

import typer

from ceasefire.cli.evidence import Imports, imports_folder, with_imports
from ceasefire.cli.terminal import day, progress, terminal


def audit(
    claims: Annotated[str, typer.Argument(help="A shipped claims file by its name, or a YAML file.")],
    scenario: Annotated[
        str | None, typer.Option(help="Scenario to use instead of the one that the claims file names.")
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option(help="The day of 'as known then'; the day of publication by default.", metavar="DATE"),
    ] = None,
    draws: Annotated[int, typer.Option(help="Wars to draw for each policy.")] = 2000,
    seed: Annotated[int, typer.Option(help="Seed; the same seed gives the same audit.")] = 1,
    out: Annotated[
        Path,
        typer.Option(help="Folder for the page, its ClaimReview, and a folder with an image of each claim."),
    ] = Path("out"),
    json: Annotated[Path | None, typer.Option(help="Write the audit as JSON to this file.")] = None,
    posterior: Annotated[
        str,
        typer.Option(
            help="Where parameters come from: 'default' (the shipped posteriors as known then and as known"
            " now; priors where none is shipped), 'prior', 'then', 'now', or a posterior file.",
            metavar="default|prior|then|now|FILE",
        ),
    ] = "default",
    without: Annotated[
        list[str] | None,
        typer.Option(
            help="An origin of which no figure counts, to ask what rests on it; once for each. What a"
            " posterior has learnt from it stays."
        ),
    ] = None,
    imports: Imports = None,
) -> None:
    """Check every claim of an article; print the verdicts and write one self-contained page.

    Beside the page stand an image of each claim, fit to share, and the verdicts as ClaimReview (schema.org).
    """
    from ceasefire.claims import audit as check_claims
    from ceasefire.claims import load_claims
    from ceasefire.cli.output import as_json, check_targets
    from ceasefire.report import card_paths, summary_table, write_cards, write_claim_reviews, write_report

    article = load_claims(claims)
    target, reviews, cards = (
        out / f"{article.name}{ending}" for ending in (".html", ".claim-review.json", "-cards")
    )
    images = card_paths([claim.id for claim in article.claims], cards)
    check_targets(
        {
            "the page": target,
            "the reviews": reviews,
            **{f"the card {image.name}": image for image in images},
            "--json": json,
        },
        {"the claims file": article.document.name, "the scenario file": scenario or article.article.scenario},
    )
    evidence = with_imports(imports)
    with progress("wars of the audit") as told:
        checked = check_claims(
            article,
            scenario=scenario,
            as_of=day(as_of, "--as-of"),
            draws=draws,
            seed=seed,
            evidence=evidence,
            progress=told,
            posterior=posterior,
            without=without or (),
        )
    folder = imports_folder(imports)
    if folder is not None:
        checked = dataclasses.replace(
            checked, command=f"{checked.command} --imports {shlex.quote(str(folder))}"
        )
    terminal.out.print(summary_table(checked))
    with terminal.err.status("drawing the page"):
        page = write_report(checked, target, sources=evidence.sources)
        write_claim_reviews(checked, reviews, page=target.name)
    with progress("cards of the claims") as told:
        write_cards(checked, cards, progress=told)
    terminal.out.print(f"page: {page}", markup=False, soft_wrap=True)
    terminal.out.print(f"cards: {cards}; reviews: {reviews}", markup=False, soft_wrap=True)
    as_json(checked.to_json(), json)
