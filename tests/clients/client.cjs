// Uses the AWS SDK for JavaScript as a user's program would, and reads the AWS files as it does.
//
// `whoami [PROFILE]` prints who AWS says the caller is. `files` prints every profile as the SDK reads it,
// as JSON. The packages are where `install` has put them, not next to this file.
"use strict";

const { createRequire } = require("node:module");
const path = require("node:path");

const root = path.resolve(__dirname, "../../target/clients/node/package.json");
const installed = createRequire(root);

// A proxy in the environment keeps the other clients on this machine, but this SDK ignores it.
const dns = require("node:dns");
for (const api of [dns, dns.promises]) {
  api.lookup = (name) => {
    console.error(`nobody may ask for ${name}: it is not on this machine`);
    process.exit(99);
  };
}

async function whoami(profile) {
  const { STSClient, GetCallerIdentityCommand } = installed("@aws-sdk/client-sts");
  const client = new STSClient({ profile });
  const identity = await client.send(new GetCallerIdentityCommand({}));
  console.log(identity.Account, identity.Arn);
}

async function files() {
  const { loadSharedConfigFiles } = installed("@smithy/core/config");
  console.log(JSON.stringify(await loadSharedConfigFiles()));
}

const [command, ...args] = process.argv.slice(2);
({ whoami, files })[command](...args).catch((error) => {
  console.error(`${error.name}: ${error.message}`);
  process.exitCode = 1;
});
