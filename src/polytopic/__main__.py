"""``python -m polytopic`` is the command ``polytopic``."""

from polytopic.cli import main

if __name__ == "__main__":
    main()
