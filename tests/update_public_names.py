"""Write the list of public names that the tests compare with: python -m tests.update_public_names."""

from tests.public_names import KEPT, public_names

if __name__ == "__main__":
    names = public_names()
    KEPT.write_text("\n".join(names) + "\n", encoding="utf-8")
    print(f"{KEPT.name}: {len(names)} names")
