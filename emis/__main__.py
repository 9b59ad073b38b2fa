"""`python -m emis` is `emis`."""

from emis.cli import main

main()
