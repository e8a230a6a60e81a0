"""Starts moto with sessions as AWS makes them: their access keys begin with ASIA.

Moto lets them begin with AKIA, as only the keys of a user do. awsmfa takes those for long-term keys,
even beside a session token, and never overwrites them.
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
