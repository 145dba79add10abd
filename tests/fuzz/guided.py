"""The fuzzer led by what code an input reaches (atheris, where it is installed): one reader, until it fails.

python -m tests.fuzz.fuzz --guided --reader claims --seconds 600
"""

from __future__ import annotations

import sys
from pathlib import Path


def main(name: str, inputs: int, seconds: float, out: Path) -> int:
    """Run one reader; return 1 where atheris is not there, else end as atheris ends."""
    try:
        import atheris
    except ImportError:
        print("atheris is not installed: `pip install atheris`; without --guided it is not needed.")
        return 1
    # Only what is imported here is followed.
    with atheris.instrument_imports(include=["ceasefire"]):
        from tests.fuzz.fuzz import judge
        from tests.fuzz.readers import READERS

        reader = READERS[name]
        # What reading imports is imported now.
        judge(reader, reader.inputs[0], 120.0)
    corpus = out / "corpus" / name
    corpus.mkdir(parents=True, exist_ok=True)
    for number, content in enumerate(reader.inputs):
        (corpus / f"seed-{number}").write_bytes(content)

    def one(content: bytes) -> None:
        answer, why = judge(reader, content)
        if answer == "failed":
            raise AssertionError(why)

    arguments = [
        sys.argv[0],
        str(corpus),
        f"-runs={inputs}",
        f"-max_total_time={int(seconds)}",
        "-max_len=20000",
        # The time of one input is bounded by `judge`, with the same signal.
        "-timeout=0",
        f"-artifact_prefix={out}/{name}-guided-",
    ]
    atheris.Setup(arguments, one)
    atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), Path(sys.argv[4])))
