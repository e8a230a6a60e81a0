// Evaluates what `awsmfa export --format powershell` prints, as far as the grammar of PowerShell
// (tree-sitter-powershell) and the three statements that it may hold go: not every system has a
// PowerShell. The text is standard input, the only argument is the folder of the packages. Prints
// the environment that a program would get, each variable ended by a NUL.

import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const packages = process.argv[2];
const { Language, Parser } = await import(
  pathToFileURL(`${packages}/web-tree-sitter/web-tree-sitter.js`)
);
await Parser.init();
const parser = new Parser();
parser.setLanguage(
  await Language.load(`${packages}/tree-sitter-powershell/tree-sitter-powershell.wasm`),
);

function fail(why) {
  console.error(why);
  process.exit(1);
}

// What a verbatim string stands for: each of its quotes is doubled, and there are five of them.
function value(node) {
  const [literal] = node.descendantsOfType("verbatim_string_characters");
  if (literal?.text !== node.text) fail(`no verbatim string: ${node.text}`);
  const inner = literal.text.slice(1, -1);
  if (/(?<!['‘-‛])(['‘-‛]{2})*['‘-‛](?!['‘-‛])/.test(inner)) fail(`it ends early: ${literal.text}`);
  return inner.replace(/(['‘-‛])\1/g, "$1");
}

const tree = parser.parse(readFileSync(0, "utf8"));
if (tree.rootNode.hasError) fail("PowerShell can't parse it");
const environment = { ...process.env };
for (const statement of tree.rootNode.namedChildren.flatMap((it) => it.namedChildren)) {
  const assigned = statement.descendantsOfType("assignment_expression")[0];
  const cleared = statement.text.match(/^Remove-Item -ErrorAction Ignore Env:(\w+)$/);
  const set = assigned?.namedChildren[0].text.match(/^\$env:(\w+)$/);
  if (statement.type === "flow_control_statement") fail("thrown");
  else if (cleared) delete environment[cleared[1]];
  else if (set) environment[set[1]] = value(assigned.childForFieldName("value"));
  else fail(`neither sets nor clears: ${statement.text}`);
}
for (const [name, text] of Object.entries(environment)) process.stdout.write(`${name}=${text}\0`);
