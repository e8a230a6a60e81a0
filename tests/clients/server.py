"""Starts moto with sessions like AWS's: their access keys begin with ASIA.

In moto they begin with AKIA, which AWS uses only for the keys of a user. awsmfa takes those for long-term
keys, even next to a session token, and never overwrites them.
"""

import sys

from moto.server import main
from moto.sts.responses import TokenResponse

answer = TokenResponse.get_session_token


def get_session_token(self):
    result = answer(self)
    result.result["Credentials"]["AccessKeyId"] = "ASIAIOSFODNN7EXAMPLE"
    return result


TokenResponse.get_session_token = get_session_token
main(sys.argv[1:])
