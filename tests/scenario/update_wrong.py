"""Write the messages expected of the wrong scenarios anew; read the difference before you keep it.

Run: python tests/scenario/update_wrong.py
"""

from pathlib import Path

from ceasefire.files import InputError
from ceasefire.scenario import parse_scenario

WRONG = Path(__file__).parent / "wrong"


def message(path: Path) -> str:
    """Return the message that a wrong scenario gets, or an empty text if it is admitted."""
    try:
        parse_scenario(path.read_text(encoding="utf-8"), path.name)
    except InputError as error:
        return f"{error}\n"
    return ""


if __name__ == "__main__":
    for wrong in sorted(WRONG.glob("*.yaml")):
        wrong.with_suffix(".txt").write_text(message(wrong), encoding="utf-8")
