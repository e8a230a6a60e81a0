"""Reads AWS files as botocore does, for examples/odd_files.rs: each line of the input names a folder, each
line of the output is an answer in JSON. It runs only once, because importing botocore takes longer than
reading a thousand files.

Each of the two files is `{"sections": {name: {key: value}}}`, or `{"error": why}` if botocore reads nothing
from it. A profile's section is called `profile NAME` in both files.
"""

import json
import os
import sys

from botocore.configloader import build_profile_map, raw_config_parse
from botocore.exceptions import ConfigNotFound


def config(path):
    of_kind = build_profile_map(raw_config_parse(path))
    kinds = {"profiles": "profile", "sso_sessions": "sso-session", "services": "services"}
    sections = {}
    for kind, word in kinds.items():
        for name, values in of_kind.pop(kind).items():
            sections[f"{word} {name}"] = values
    for name, values in of_kind.items():
        sections[f"other {name}"] = values
    return sections


def credentials(path):
    return {f"profile {name}": values for name, values in raw_config_parse(path).items()}


def read(parse, path):
    try:
        return {"sections": parse(path)}
    except ConfigNotFound:
        return {"sections": {}}
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}


for line in sys.stdin:
    folder = line.rstrip("\n")
    files = [read(config, os.path.join(folder, "config")), read(credentials, os.path.join(folder, "credentials"))]
    print(json.dumps(files), flush=True)
