"""Uses boto3 as a user's script would, and reads the AWS files as botocore does.

`whoami [PROFILE]` prints who AWS says the caller is. `files` prints every profile as botocore reads it,
as JSON. `account` creates a user with keys and a device in an empty account, and prints them as JSON;
`user` creates one with only keys.
"""

import json
import sys

import boto3
import botocore.session


def whoami(profile=None):
    identity = boto3.Session(profile_name=profile).client("sts").get_caller_identity()
    print(identity["Account"], identity["Arn"])


def files():
    print(json.dumps(botocore.session.Session().full_config["profiles"]))


def keys(iam):
    iam.create_user(UserName="alice")
    key = iam.create_access_key(UserName="alice")["AccessKey"]
    return [key["AccessKeyId"], key["SecretAccessKey"]]


def user():
    print(json.dumps(keys(boto3.client("iam"))))


def account():
    iam = boto3.client("iam")
    pair = keys(iam)
    device = iam.create_virtual_mfa_device(VirtualMFADeviceName="alice")
    serial = device["VirtualMFADevice"]["SerialNumber"]
    iam.enable_mfa_device(
        UserName="alice",
        SerialNumber=serial,
        AuthenticationCode1="123456",
        AuthenticationCode2="654321",
    )
    print(json.dumps([*pair, serial]))


{"whoami": whoami, "files": files, "account": account, "user": user}[sys.argv[1]](*sys.argv[2:])
