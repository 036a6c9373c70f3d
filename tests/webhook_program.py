"""The numberline program with a manner of telling events that tests can read.

It is registered at the top, so that the processes that the program starts have it too.
"""

from numberline.cli.app import main
from numberline.server.background import SCHEMES
from receivers import SignedScheme

SCHEMES["test"] = lambda _platform: SignedScheme()

if __name__ == "__main__":
    main()
