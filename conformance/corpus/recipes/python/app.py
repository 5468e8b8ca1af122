"""A Python of its own as a command: `SCRIPT ARGS...` runs a script from its files, as python itself does.

Only what is imported here is part of the component: there is no other library to be found when it runs.
"""

import collections
import csv
import hashlib
import heapq
import json
import os
import re
import subprocess
import sys
import time
import traceback
import zlib
from pathlib import Path

from componentize_py_types import Err
from wit_world import exports
from wit_world.imports import environment

KEPT = collections, csv, hashlib, heapq, json, os, re, subprocess, time, zlib


class Run(exports.Run):
    def run(self) -> None:
        _, *sys.argv = environment.get_arguments()
        os.environ.update(environment.get_environment())
        try:
            script = Path(sys.argv[0])
            exec(compile(script.read_bytes(), script.name, "exec"), {"__name__": "__main__"})
        except SystemExit as ended:
            if ended.code:
                raise Err(None) from None
        except Exception:
            traceback.print_exc()
            raise Err(None) from None
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
