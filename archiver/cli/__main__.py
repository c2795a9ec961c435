"""`python -m archiver.cli` is `papertrail`."""

from archiver.cli.main import main

main()
