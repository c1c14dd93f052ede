"""``python -m rapport`` is the command ``rapport``."""

from rapport.cli import main

if __name__ == "__main__":
    main()
