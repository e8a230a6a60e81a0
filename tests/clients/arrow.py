"""Uses pyarrow, and so the AWS SDK for C++, as a user's program would: with the profile in its argument, or
with the default chain.

pyarrow knows only S3, which the stand-in does not. So this is its own S3: it answers nothing, and prints
the access key that signed the request, or `anonymous`.
"""

import http.server
import os
import sys
import threading

# The SDK reads the profile from the environment, once.
if len(sys.argv) > 1:
    os.environ["AWS_PROFILE"] = sys.argv[1]

from pyarrow import fs


class S3(http.server.BaseHTTPRequestHandler):
    signed_by = []

    def do_GET(self):
        credential = self.headers.get("Authorization", "").partition("Credential=")[2]
        self.signed_by.append(credential.partition("/")[0] or "anonymous")
        self.send_error(403)

    def log_message(self, *_):
        pass


server = http.server.HTTPServer(("127.0.0.1", 0), S3)
threading.Thread(target=server.serve_forever, daemon=True).start()
s3 = fs.S3FileSystem(endpoint_override=f"127.0.0.1:{server.server_port}", scheme="http", region="eu-central-1")
try:
    s3.get_file_info(fs.FileSelector(""))
except OSError:
    pass
print(*dict.fromkeys(S3.signed_by))

