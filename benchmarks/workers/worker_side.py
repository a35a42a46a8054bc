"""The other end of worker.py. Standard library only: it also runs under Debian's own Python."""

import json
import sys
import traceback


def serve(functions):
    """Call ``functions[do](**arguments)`` for each line; answers are dicts of what JSON can say."""
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = functions[request.pop("do")](**request) or {}
        except ImportError as error:
            answer = {"missing": str(error)}
        except Exception as error:  # noqa: BLE001  # the parent decides what a failure means
            traceback.print_exc()
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)
