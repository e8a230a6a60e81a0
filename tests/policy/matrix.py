#!/usr/bin/env python3
"""Writes matrix.json: requests that matrix-public.json lacks, with the answers that the rules demand.

The answers are derived here from the rules, which are written down a second time on purpose: never from a
document, and never from an evaluator. Run it after a change; a test compares the file with its output.

    python3 tests/policy/matrix.py > tests/policy/matrix.json
"""
import itertools
import json
import pathlib

ACCOUNT = "111122223333"
PUBLIC = json.loads((pathlib.Path(__file__).parent / "matrix-public.json").read_text())

# One more than in the public table: a simulator that leaves out aws:ViaAWSService, with old MFA.
CONTEXTS = PUBLIC["contexts"] | {
    "old_bare": {"aws:MultiFactorAuthPresent": "true", "aws:MultiFactorAuthAge": "40000"},
}
PARTITIONS = ["aws", "aws-cn", "aws-us-gov", "aws-eusc", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f"]
VARS = {
    "partition": "aws", "account": ACCOUNT, "path": "/", "max_age": "3600",
    "tag_key": "Name", "tag_value": "CSR*", "boundary": "awsmfa-role-boundary",
}

# The conditions of a request, most of them about MFA.
def with_mfa(c):
    return c.get("aws:MultiFactorAuthPresent") == "true"

def by_service(c):
    return c.get("aws:ViaAWSService") == "true"

def recent(c):
    return with_mfa(c) and int(c["aws:MultiFactorAuthAge"]) <= 3600

ALWAYS = lambda c: True
NEVER = lambda c: False

def letters(denied, granted):
    """X if a policy denies, A if one grants and none denies, D if none grants."""
    return "".join("X" if denied(c) else "A" if granted(c) else "D" for c in CONTEXTS.values())

sets, rows = {}, {}

def add_set(name, docs, requests, principal="user/alice", scp=None, limit=None, trust=None, **vars):
    """Adds a set; `requests` are (action, resource, denied, granted[, note[, context]])."""
    vars = VARS | vars
    arn = lambda it: it.replace("{P}", vars["partition"]).replace("{A}", ACCOUNT)
    kind, _, rest = principal.partition("/")
    service, account = ("iam" if kind == "user" else "sts"), ACCOUNT
    if kind.isdigit():
        account, service, principal = kind, "iam", rest
        kind, _, rest = principal.partition("/")
    principal_arn = f"arn:{vars['partition']}:{service}::{account}:{principal}"
    context = {"aws:PrincipalArn": principal_arn}
    if kind == "user":
        context |= {"aws:PrincipalType": "User", "aws:username": rest.split("/")[-1]}
    elif kind == "assumed-role":
        role = rest.split("/")[0]
        context = {"aws:PrincipalArn": f"arn:{vars['partition']}:iam::{ACCOUNT}:role/{role}",
                   "aws:PrincipalType": "AssumedRole"}
    else:
        context |= {"aws:PrincipalType": "FederatedUser"}
    entry = {"docs": docs, "scp": scp, "boundary": limit, "trust": trust,
             "principal": principal_arn, "context": context, "vars": vars}
    assert name not in sets, name
    sets[name] = {key: value for key, value in entry.items() if value is not None}
    rows[name] = []
    for action, resource, denied, granted, *more in requests:
        note = more[0] if more else ""
        extra = {key: arn(value) for key, value in (more[1] if len(more) > 1 else {}).items()}
        row = [action, arn(resource), note, extra, letters(denied, granted)]
        assert row not in rows[name], row
        rows[name].append(row)

IAM = "arn:{P}:iam::{A}:"
OWN_USER_ACTIONS = ["EnableMFADevice", "GetMFADevice", "GetUser", "ListMFADevices", "ResyncMFADevice"]
OWN_DEVICES = ["mfa/alice", "mfa/alice-phone", "mfa/sec/alice", "mfa/sec/ops/alice-2"]
# Other users' names and devices, most of them similar to one's own.
OTHER_USERS = ["user/bob", "user/malice", "user/alice-admin", "user/ops/malice", "user/ops/alice-admin"]
OTHER_DEVICES = ["mfa/bob", "mfa/malice", "mfa/malice-2", "mfa/alicebob", "mfa/sec/bob", "mfa/sec/malice",
                 "mfa/sec/malice-2", "mfa/sec/alicebob"]

# ---- force-mfa: what is closed and what stays open, together with a grant of everything

def force_requests(age, password, console, user="user/alice", whole=True, granted=ALWAYS):
    """The requests of a user under force-mfa."""
    def closed(c):
        return not by_service(c) and (not with_mfa(c) or (age and not recent(c)))
    open_ = lambda action, resource: (action, resource, NEVER, granted)
    shut = lambda action, resource: (action, resource, closed, granted)
    for action in OWN_USER_ACTIONS:
        yield open_(f"iam:{action}", IAM + user)
    for device in OWN_DEVICES:
        yield open_("iam:CreateVirtualMFADevice", IAM + device)
        yield open_("iam:DeleteVirtualMFADevice", IAM + device)
    yield open_("sts:GetCallerIdentity", "*")
    yield open_("sts:GetSessionToken", "*")
    yield (open_ if password else shut)("iam:ChangePassword", IAM + user)
    yield (open_ if password else shut)("iam:GetAccountPasswordPolicy", "*")
    yield (open_ if console else shut)("iam:ListVirtualMFADevices", "*")
    yield (open_ if console else shut)("iam:CreateVirtualMFADevice", IAM + "mfa/Phone")
    yield shut("ec2:TerminateInstances", "arn:{P}:ec2:us-east-1:{A}:instance/i-0bbb")
    yield shut("iam:AttachUserPolicy", IAM + user)
    yield shut("iam:CreateAccessKey", IAM + user)
    if not whole:
        return
    yield shut("iam:DeactivateMFADevice", IAM + user)
    yield shut("iam:TagMFADevice", IAM + "mfa/alice")
    yield shut("sts:AssumeRole", IAM + "role/Admin")
    yield shut("sts:GetFederationToken", "arn:{P}:sts::{A}:federated-user/alice")
    yield shut("iam:DeleteVirtualMFADevice", IAM + "mfa/Phone")
    for action, other in itertools.product(OWN_USER_ACTIONS + ["ChangePassword"], OTHER_USERS):
        # One row for each other user and one for each action are enough.
        if action == "EnableMFADevice" or other == "user/bob":
            yield shut(f"iam:{action}", IAM + other)
    for other in OTHER_DEVICES:
        yield shut("iam:DeleteVirtualMFADevice", IAM + other)
        yield (open_ if console else shut)("iam:CreateVirtualMFADevice", IAM + other)

def option_sets():
    for age, password, console in itertools.product([False, True], repeat=3):
        options = "".join(f"--{name}" for name, on in
                          (("max-age", age), ("password", password), ("console", console)) if on)
        yield options, age, password, console

ADMIN = "@AdministratorAccess"
for options, age, password, console in option_sets():
    force, scp = f"force-mfa{options}", f"scp-force-mfa{options}"
    choice = (age, password, console)
    add_set(f"{force} beside administrator", [force, ADMIN], force_requests(*choice))
    in_path = "user/division/ops/alice"
    add_set(f"{force} beside administrator, user in a path", [force, ADMIN],
            force_requests(*choice, user=in_path, whole=False), principal=in_path)
    add_set(scp, [ADMIN], force_requests(*choice), scp=scp)
    add_set(f"{scp}, user in a path", [ADMIN],
            force_requests(*choice, user=in_path, whole=False), principal=in_path, scp=scp)
    # It concerns only the users in the path: not programs, roles or the root user.
    untouched = [
        ("ec2:TerminateInstances", "arn:{P}:ec2:us-east-1:{A}:instance/i-0bbb", NEVER, ALWAYS),
        ("iam:CreateUser", IAM + "user/eve", NEVER, ALWAYS),
        ("iam:EnableMFADevice", IAM + "user/bob", NEVER, ALWAYS),
        ("iam:DeleteVirtualMFADevice", IAM + "mfa/bob", NEVER, ALWAYS),
    ]
    add_set(f"{scp}, role session", [ADMIN], untouched, principal="assumed-role/dev/alice", scp=scp)
    add_set(f"{scp}, user outside the path", [ADMIN], untouched, principal="user/svc/ci", scp=scp, path="/people/")
    add_set(f"{scp}, user within the path", [ADMIN],
            force_requests(*choice, user="user/people/alice", whole=False),
            principal="user/people/alice", scp=scp, path="/people/")

# A session from GetFederationToken has no MFA, and is denied everything that a key is denied.
def federated(age):
    def closed(c):
        return not by_service(c) and (not with_mfa(c) or (age and not recent(c)))
    yield "ec2:TerminateInstances", "arn:{P}:ec2:us-east-1:{A}:instance/i-0bbb", closed, ALWAYS

for options, age, *_ in option_sets():
    scp = f"scp-force-mfa{options}"
    add_set(f"{scp}, federated user", [ADMIN], federated(age), principal="federated-user/alice", scp=scp)

# ---- manage-mfa: what it grants on its own

KEYS_AND_PASSWORD = ["ChangePassword", "CreateAccessKey", "DeleteAccessKey", "GetAccessKeyLastUsed",
                     "GetLoginProfile", "ListAccessKeys", "UpdateAccessKey"]

def manage_requests(age, password, console, user="user/alice", whole=True):
    fresh = recent if age else with_mfa
    grant = lambda action, resource, granted: (action, resource, NEVER, granted)
    for action in OWN_USER_ACTIONS:
        yield grant(f"iam:{action}", IAM + user, ALWAYS)
    for device in OWN_DEVICES:
        yield grant("iam:CreateVirtualMFADevice", IAM + device, ALWAYS)
        yield grant("iam:DeleteVirtualMFADevice", IAM + device, ALWAYS)
    yield grant("iam:CreateVirtualMFADevice", IAM + "mfa/Phone", ALWAYS if console else NEVER)
    yield grant("iam:DeleteVirtualMFADevice", IAM + "mfa/Phone", NEVER)
    yield grant("iam:DeactivateMFADevice", IAM + user, fresh)
    for action in KEYS_AND_PASSWORD:
        always = password and action == "ChangePassword"
        yield grant(f"iam:{action}", IAM + user, ALWAYS if always else fresh)
    yield grant("iam:GetAccountPasswordPolicy", "*", ALWAYS)
    yield grant("iam:ListVirtualMFADevices", "*", ALWAYS if console else NEVER)
    if not whole:
        return
    for action in ["AttachUserPolicy", "UpdateLoginProfile", "CreateLoginProfile", "TagUser"]:
        yield grant(f"iam:{action}", IAM + user, NEVER)
    yield grant("iam:TagMFADevice", IAM + "mfa/alice", NEVER)
    yield grant("iam:ListUsers", "*", NEVER)
    for other in OTHER_USERS:
        for action in ["EnableMFADevice", "DeactivateMFADevice", "CreateAccessKey"]:
            yield grant(f"iam:{action}", IAM + other, NEVER)
    for other in OTHER_DEVICES:
        yield grant("iam:DeleteVirtualMFADevice", IAM + other, NEVER)
        yield grant("iam:CreateVirtualMFADevice", IAM + other, ALWAYS if console else NEVER)

for options, age, password, console in option_sets():
    manage = f"manage-mfa{options}"
    add_set(f"{manage} alone", [manage], manage_requests(age, password, console))
    in_path = "user/division/ops/alice"
    add_set(f"{manage} alone, user in a path", [manage],
            manage_requests(age, password, console, user=in_path, whole=False), principal=in_path)

# ---- require-mfa

for options, fresh in (("", with_mfa), ("--max-age", recent)):
    add_set(f"require-mfa{options} alone", [f"require-mfa{options}"], [
        ("ec2:TerminateInstances", "arn:{P}:ec2:us-east-1:{A}:instance/i-0bbb", NEVER, fresh),
        ("iam:CreateUser", IAM + "user/eve", NEVER, fresh),
        ("s3:GetObject", "arn:{P}:s3:::corp-data/x", NEVER, fresh),
    ])

# ---- read-only: one action per entry, and actions that no entry may allow

READ = """autoscaling:DescribeAutoScalingGroups cloudformation:DescribeStackEvents cloudformation:GetTemplate
cloudformation:ListStacks cloudtrail:DescribeTrails cloudtrail:GetTrailStatus cloudtrail:LookupEvents
cloudwatch:DescribeAlarms cloudwatch:GetDashboard cloudwatch:GetMetricData cloudwatch:ListDashboards
cloudwatch:ListMetrics cloudwatch:ListTagsForResource directconnect:DescribeConnections ec2:DescribeInstances
elasticloadbalancing:DescribeLoadBalancers iam:GetRole iam:ListUsers rds:DescribeDBInstances
rds:ListTagsForResource redshift:DescribeClusters redshift:ViewQueriesInConsole s3:GetAccountPublicAccessBlock
s3:GetBucketPolicy s3:GetEncryptionConfiguration s3:GetLifecycleConfiguration s3:GetReplicationConfiguration
s3:ListAllMyBuckets s3:ListBucket ses:GetAccountSendingEnabled ses:GetConfigurationSet
ses:GetCustomVerificationEmailTemplate ses:GetDedicatedIpPool ses:GetEmailIdentity ses:GetEmailTemplate
ses:GetIdentityVerificationAttributes ses:GetSendQuota ses:GetTemplate ses:ListIdentities
sns:GetTopicAttributes sns:ListTopics sqs:GetQueueAttributes sqs:ListQueues""".split()
# Content, credentials, and changes.
NOT_READ = """autoscaling:SetDesiredCapacity cloudformation:DeleteStack cloudtrail:StopLogging
cloudtrail:GetQueryResults cloudwatch:GetSpaceCredentials cloudwatch:GetInsightRuleReport
cloudwatch:DeleteAlarms directconnect:DeleteConnection ec2:GetPasswordData ec2:GetConsoleOutput
ec2:TerminateInstances elasticloadbalancing:DeleteLoadBalancer iam:CreateUser iam:GenerateCredentialReport
rds:DownloadDBLogFilePortion rds:DeleteDBInstance redshift:GetClusterCredentials redshift:DeleteCluster
s3:GetObject s3:GetObjectVersion s3:PutBucketPolicy ses:GetArchiveMessage ses:GetArchiveMessageContent
ses:GetArchiveExport ses:GetArchiveSearchResults ses:GetExportJob ses:GetMessageInsights ses:GetContact
ses:SendEmail sns:Publish sns:Subscribe sqs:ReceiveMessage sqs:SendMessage secretsmanager:GetSecretValue
ssm:GetParameter sts:AssumeRole""".split()

EXAMPLES = {
    "autoscaling": "arn:{P}:autoscaling:us-east-1:{A}:autoScalingGroup:1:autoScalingGroupName/g",
    "cloudformation": "arn:{P}:cloudformation:us-east-1:{A}:stack/s/1",
    "cloudtrail": "arn:{P}:cloudtrail:us-east-1:{A}:trail/t",
    "iam": IAM + "role/x",
    "s3": "arn:{P}:s3:::corp-data",
    "sns": "arn:{P}:sns:us-east-1:{A}:t",
    "sqs": "arn:{P}:sqs:us-east-1:{A}:q",
}

# The resources for these actions; the others are requested for everything.
RESOURCES = {
    "cloudformation:DescribeStackEvents": EXAMPLES["cloudformation"],
    "cloudformation:GetTemplate": EXAMPLES["cloudformation"],
    "cloudformation:DeleteStack": EXAMPLES["cloudformation"],
    "cloudtrail:StopLogging": EXAMPLES["cloudtrail"], "cloudtrail:GetTrailStatus": EXAMPLES["cloudtrail"],
    "iam:GetRole": IAM + "role/x", "iam:CreateUser": IAM + "user/eve",
    "s3:GetBucketPolicy": EXAMPLES["s3"], "s3:ListBucket": EXAMPLES["s3"], "s3:PutBucketPolicy": EXAMPLES["s3"],
    "s3:GetObject": EXAMPLES["s3"] + "/x", "s3:GetObjectVersion": EXAMPLES["s3"] + "/x",
    "s3:GetEncryptionConfiguration": EXAMPLES["s3"], "s3:GetLifecycleConfiguration": EXAMPLES["s3"],
    "s3:GetReplicationConfiguration": EXAMPLES["s3"],
    "sns:Publish": EXAMPLES["sns"], "sns:Subscribe": EXAMPLES["sns"], "sns:GetTopicAttributes": EXAMPLES["sns"],
    "sqs:ReceiveMessage": EXAMPLES["sqs"], "sqs:SendMessage": EXAMPLES["sqs"],
    "sqs:GetQueueAttributes": EXAMPLES["sqs"],
    "sts:AssumeRole": IAM + "role/Admin",
    "ec2:TerminateInstances": "arn:{P}:ec2:us-east-1:{A}:instance/i-0bbb",
    "ec2:GetPasswordData": "arn:{P}:ec2:us-east-1:{A}:instance/i-0bbb",
    "ec2:GetConsoleOutput": "arn:{P}:ec2:us-east-1:{A}:instance/i-0bbb",
}
of = lambda action: RESOURCES.get(action, "*")
add_set("read-only alone", ["read-only"],
        [(action, of(action), NEVER, ALWAYS) for action in READ]
        + [(action, of(action), NEVER, NEVER) for action in NOT_READ])

# ---- ec2-restrict together with a grant of everything

PROTECTED_FROM = """AssociateAddress AssociateIamInstanceProfile AttachNetworkInterface AttachVolume
CreateDelegateMacVolumeOwnershipTask CreateMacSystemIntegrityProtectionModificationTask
CreateReplaceRootVolumeTask CreateTags DeleteTags DetachNetworkInterface DetachVolume
DisassociateIamInstanceProfile ModifyInstanceAttribute ModifyInstancePlacement
ModifyNetworkInterfaceAttribute ModifyPrivateDnsNameOptions PauseVolumeIO RebootInstances
ReplaceIamInstanceProfileAssociation ResetInstanceAttribute SendDiagnosticInterrupt
SendSpotInstanceInterruptions StartInstances StopInstances TerminateInstances""".split()

def ec2_requests(key, protected, others):
    tag = lambda value: {f"aws:ResourceTag/{key}": value, f"ec2:ResourceTag/{key}": value}
    instance = "arn:{P}:ec2:{region}:{A}:instance/i-0aaa"
    at = lambda region: instance.replace("{region}", region)
    for action in PROTECTED_FROM:
        yield f"ec2:{action}", at("us-east-1"), ALWAYS, ALWAYS, "protected", tag(protected)
    yield "ec2:StopInstances", at("eu-west-1"), ALWAYS, ALWAYS, "protected, other region", tag(protected)
    for action in ["GetConsoleOutput", "CreateImage", "MonitorInstances"]:
        yield f"ec2:{action}", at("us-east-1"), NEVER, ALWAYS, "protected, not changed", tag(protected)
    yield "ec2:StopInstances", at("us-east-1"), NEVER, ALWAYS, "no tag"
    for other in others:
        yield "ec2:StopInstances", at("us-east-1"), NEVER, ALWAYS, "other value", tag(other)
    volume = "arn:{P}:ec2:us-east-1:{A}:volume/vol-1"
    yield "ec2:CreateTags", volume, NEVER, ALWAYS, "a volume of that name", tag(protected)

add_set("ec2-restrict beside administrator", ["ec2-restrict", ADMIN],
        ec2_requests("Name", "CSR-edge-1", ["web-1", "xCSR"]))
add_set("ec2-restrict, other tag", ["ec2-restrict", ADMIN], ec2_requests("team/role", "a b", ["ab", "a bc"]),
        tag_key="team/role", tag_value="a b")
add_set("ec2-restrict, any account", ["ec2-restrict", ADMIN], ec2_requests("Name", "CSR-edge-1", ["web-1"]),
        account="*")

# ---- create-role, alone and together with a grant of everything

CHANGES = ["AttachRolePolicy", "CreateRole", "DeleteRolePolicy", "DetachRolePolicy", "PutRolePolicy"]
LOOKS = {"ec2:DescribeIamInstanceProfileAssociations": "*", "iam:GetPolicy": "policy/p",
         "iam:GetPolicyVersion": "policy/p", "iam:GetRole": "role/x", "iam:GetRolePolicy": "role/x",
         "iam:ListAttachedRolePolicies": "role/x", "iam:ListEntitiesForPolicy": "policy/p",
         "iam:ListInstanceProfiles": "*", "iam:ListPolicyVersions": "policy/p",
         "iam:ListRolePolicies": "role/x"}
SERVICES = ["ec2.amazonaws.com", "ec2.amazonaws.com.cn", "ecs-tasks.amazonaws.com", "lambda.amazonaws.com"]

def create_role_requests(path, boundary, admin):
    """With a grant of everything, only denied requests are not granted."""
    limit = IAM + f"policy/{boundary}"
    key = {"iam:PermissionsBoundary": limit}
    granted = ALWAYS if admin else with_mfa
    nothing = ALWAYS if admin else NEVER
    inside, outside = IAM + f"role{path}x", IAM + "role/x"
    for action, resource in LOOKS.items():
        yield action, resource if resource == "*" else IAM + resource, NEVER, ALWAYS
    for action in CHANGES:
        action = f"iam:{action}"
        yield action, inside, NEVER, granted, "in path, boundary", key
        yield action, inside, NEVER, nothing, "in path, no boundary"
        yield action, outside, NEVER, nothing, "outside path, boundary", key
        other = {"iam:PermissionsBoundary": IAM + "policy/other"}
        yield action, inside, NEVER, nothing, "in path, other boundary", other
    yield "iam:CreatePolicy", IAM + f"policy{path}p", NEVER, granted, "in path"
    yield "iam:CreatePolicy", IAM + "policy/p", NEVER, nothing, "outside path"
    yield "iam:DeletePolicy", IAM + f"policy{path}p", NEVER, nothing, "in path"
    yield "iam:CreatePolicyVersion", IAM + f"policy{path}p", NEVER, nothing, "in path"
    for service in SERVICES:
        yield "iam:PassRole", inside, NEVER, granted, service, {"iam:PassedToService": service}
    glue, function = {"iam:PassedToService": "glue.amazonaws.com"}, {"iam:PassedToService": "lambda.amazonaws.com"}
    yield "iam:PassRole", inside, NEVER, nothing, "other service", glue
    yield "iam:PassRole", inside, NEVER, nothing, "no service"
    yield "iam:PassRole", outside, NEVER, nothing, "outside path", function
    # A path with the same beginning is a different path.
    yield "iam:PassRole", IAM + f"role{path.rstrip('/')}lication/x", NEVER, nothing, "path alike", function
    for action in ["UpdateAssumeRolePolicy", "DeleteRole", "TagRole"]:
        yield f"iam:{action}", inside, NEVER, nothing, "in path, boundary", key
    for action in ["DeleteRolePermissionsBoundary", "PutRolePermissionsBoundary"]:
        yield f"iam:{action}", inside, ALWAYS, NEVER, "in path, boundary", key
        yield f"iam:{action}", outside, NEVER, nothing, "outside path, boundary", key
    for action in ["CreatePolicyVersion", "DeletePolicy", "DeletePolicyVersion", "SetDefaultPolicyVersion"]:
        yield f"iam:{action}", limit, ALWAYS, NEVER, "the boundary itself"
        yield f"iam:{action}", limit + "-2", NEVER, nothing, "a policy with a longer name"
    yield "iam:GetPolicy", limit, NEVER, ALWAYS, "the boundary itself"
    yield "iam:AttachUserPolicy", IAM + "user/alice", NEVER, nothing
    yield "iam:AttachGroupPolicy", IAM + "group/staff", NEVER, nothing
    yield "iam:CreateUser", IAM + "user/eve", NEVER, nothing
    yield "ec2:RunInstances", "arn:{P}:ec2:us-east-1:{A}:instance/*", NEVER, nothing

for path, boundary in (("/app/", "awsmfa-role-boundary"), ("/team/app/", "limits/narrow")):
    choice = {"path": path, "boundary": boundary}
    add_set(f"create-role alone, {path}", ["create-role"], create_role_requests(path, boundary, False), **choice)
    add_set(f"create-role beside administrator, {path}", ["create-role", ADMIN],
            create_role_requests(path, boundary, True), **choice)

# ---- role-boundary: the most that a role with every permission may do

MAY = {"cloudwatch:PutMetricData": "*", "ec2messages:GetMessages": "*", "logs:CreateLogGroup": "g",
       "logs:CreateLogStream": "g:log-stream:s", "logs:DescribeLogStreams": "g",
       "logs:PutLogEvents": "g:log-stream:s", "ssm:UpdateInstanceInformation": "*",
       "ssmmessages:OpenDataChannel": "*", "xray:PutTelemetryRecords": "*", "xray:PutTraceSegments": "*"}
MUST_NOT = {"account:CloseAccount": "*", "iam:CreateUser": IAM + "user/eve", "iam:GetRole": IAM + "role/x",
            "iam:PassRole": IAM + "role/x", "organizations:LeaveOrganization": "*",
            "identitystore:CreateUser": "arn:{P}:identitystore::{A}:identitystore/d-1234567890",
            "sso:CreateAccountAssignment": "*", "sso-directory:CreateUser": "*",
            "sts:AssumeRole": IAM + "role/Admin", "sts:AssumeRoot": IAM + "root",
            "sts:GetDelegatedAccessToken": "*",
            "sts:GetFederationToken": "arn:{P}:sts::{A}:federated-user/x"}
NOT_ITS = {"cloudwatch:GetMetricData": "*", "logs:GetLogEvents": "g:log-stream:s", "logs:DeleteLogGroup": "g",
           "ssm:SendCommand": "*", "ssm:GetParameter": "arn:{P}:ssm:us-east-1:{A}:parameter/p",
           "xray:GetTraceSummaries": "*", "s3:GetObject": "arn:{P}:s3:::corp-data/x",
           "ec2:DescribeInstances": "*"}
log = lambda it: it if it == "*" or it.startswith("arn:") else "arn:{P}:logs:us-east-1:{A}:log-group:" + it
boundary_requests = (
    [(action, log(resource), NEVER, ALWAYS) for action, resource in MAY.items()]
    + [(action, resource, ALWAYS, NEVER) for action, resource in MUST_NOT.items()]
    + [(action, log(resource), NEVER, NEVER) for action, resource in NOT_ITS.items()]
)
add_set("role-boundary of a created role", [ADMIN], boundary_requests,
        principal="assumed-role/dev/alice", limit="role-boundary")
# It says nothing about the rest of STS: those requests are neither granted nor denied.
rows["role-boundary of a created role"].append(
    ["sts:GetAccessKeyInfo", "*", "not denied explicitly", {}, "N" * len(CONTEXTS)])

# ---- role-trust

assume = [("sts:AssumeRole", IAM + "role/dev", NEVER, recent)]
add_set("role-trust of the account's user", ["may-assume"], assume, trust="role-trust")
add_set("role-trust beside administrator", [ADMIN], assume + [
    ("sts:TagSession", IAM + "role/dev", NEVER, NEVER), ("sts:SetSourceIdentity", IAM + "role/dev", NEVER, NEVER)],
    trust="role-trust")
add_set("role-trust of another account's user", ["may-assume"],
        [("sts:AssumeRole", IAM + "role/dev", NEVER, NEVER)], principal="999999999999/user/mallory", trust="role-trust")

# ---- every partition, and any account

for partition in PARTITIONS:
    add_set(f"{partition}", ["force-mfa--max-age", "manage-mfa--max-age"],
            [(action, resource, denied, granted) for action, resource, denied, granted
             in force_requests(True, False, False, whole=False, granted=NEVER)
             if action.startswith("ec2")]
            + [(action, resource, NEVER, ALWAYS) for action, resource in
               [("iam:EnableMFADevice", IAM + "user/alice"), ("iam:CreateVirtualMFADevice", IAM + "mfa/alice")]],
            partition=partition)
    add_set(f"{partition}, organization", [ADMIN], force_requests(False, False, False, whole=False),
            scp="scp-force-mfa", partition=partition)
    add_set(f"{partition}, create-role", ["create-role"],
            create_role_requests("/app/", "awsmfa-role-boundary", False), partition=partition, path="/app/")
    add_set(f"{partition}, ec2-restrict", ["ec2-restrict", ADMIN],
            ec2_requests("Name", "CSR-edge-1", ["web-1"]), partition=partition)
add_set("any account, force-mfa", ["force-mfa", ADMIN], force_requests(False, False, False), account="*")
add_set("any account, manage-mfa", ["manage-mfa"], manage_requests(False, False, False), account="*")

# ---- the file, one row per line

def write():
    dump = lambda value: json.dumps(value, ensure_ascii=False)
    lines = ["{", f' "about": {dump(ABOUT)},', f' "account": {dump(ACCOUNT)},']
    managed = {name: PUBLIC["managed"][name] for name in (ADMIN, "may-assume")}
    for name, value in (("contexts", CONTEXTS), ("managed", managed), ("sets", sets)):
        members = ",\n".join(f"  {dump(key)}: {dump(it)}" for key, it in value.items())
        lines.append(f' "{name}": {{\n{members}\n }},')
    groups = []
    for name, group in rows.items():
        members = ",\n".join(f"   {dump(row)}" for row in group)
        groups.append(f"  {dump(name)}: [\n{members}\n  ]")
    lines += [' "rows": {\n' + ",\n".join(groups) + "\n }", "}"]
    print("\n".join(lines))

ABOUT = ("Requests that matrix-public.json lacks, in the same form, with the answers that the rules demand. "
         "Written by matrix.py. One context more: old_bare = old MFA, where a simulator leaves "
         "aws:ViaAWSService out.")
write()
