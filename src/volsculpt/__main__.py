"""`python -m volsculpt` is the same as `volsculpt`."""

from volsculpt.app.cli import main

if __name__ == "__main__":
    main()
