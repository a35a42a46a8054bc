"""``python -m skyline`` is the command ``skyline``."""

from skyline.cli import main

if __name__ == "__main__":
    main()
