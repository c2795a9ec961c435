"""``python -m demo`` from the folder that holds the project."""

import sys

from demo.run import main

sys.exit(main())
