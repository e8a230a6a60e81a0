// Reads AWS files as the AWS SDK for JavaScript does, for examples/odd_files.rs: each line of the input
// names a folder, each line of the output is an answer in JSON. It runs only once, because loading the SDK
// takes longer than reading a thousand files.
//
// The SDK never reports a file that it can't read: it just reads nothing. A profile's section is called
// `profile NAME` in both files.
"use strict";

const { createRequire } = require("node:module");
const path = require("node:path");
const readline = require("node:readline");

const root = path.resolve(__dirname, "../../target/clients/node/package.json");
const { loadSharedConfigFiles } = createRequire(root)("@smithy/core/config");

function named(sections, name) {
  const entries = Object.entries(sections).map(([section, values]) => [name(section), values]);
  return { sections: Object.fromEntries(entries) };
}

const inConfig = (section) =>
  /^(sso-session|services)\./.test(section) ? `other ${section}` : `profile ${section}`;

async function main() {
  for await (const folder of readline.createInterface({ input: process.stdin })) {
    const files = await loadSharedConfigFiles({
      configFilepath: path.join(folder, "config"),
      filepath: path.join(folder, "credentials"),
      ignoreCache: true,
    });
    const answer = [
      named(files.configFile, inConfig),
      named(files.credentialsFile, (section) => `profile ${section}`),
    ];
    console.log(JSON.stringify(answer));
  }
}

main();
