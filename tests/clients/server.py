"""Moto, with sessions as AWS makes them: their access keys begin with ASIA.

Moto's begin with AKIA, as only those of a user do; awsmfa takes such keys for long-term ones, also
beside a session token, and never writes over them.
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
