"""Runs one of IPA's own programs with the exact method installed: no file of IPA's changes.

python -m sustainable_ipa CONFIG.yaml SCRIPT.py [ARGUMENTS...]
"""

import runpy
import sys
from pathlib import Path

from .errors import SustainableIpaError
from .hook import install


def main(argv):
    if len(argv) < 2 or argv[0] in ("-h", "--help"):
        print(__doc__.strip(), file=sys.stderr)
        return 2
    config, script, *arguments = argv
    home = next((folder for folder in Path(script).resolve().parents if (folder / "optimizer/optimizer.py").is_file()), None)
    if home is None:
        print(f"{script} is not in a checkout of IPA: no folder above it has optimizer/optimizer.py", file=sys.stderr)
        return 2
    sys.path.insert(0, str(home))
    try:
        install(config)
    except SustainableIpaError as error:
        print(error, file=sys.stderr)
        return 1
    sys.argv = [script, *arguments]
    runpy.run_path(script, run_name="__main__")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
