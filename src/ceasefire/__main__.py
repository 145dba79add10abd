"""The commands for `python -m ceasefire`, where the program `ceasefire` is not on the path."""

from ceasefire.cli import main

if __name__ == "__main__":
    main()
