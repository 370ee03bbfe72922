// Compiles the types of @slack/types into a JSON Schema and checks messages and views against it.
// Reads a JSON list of {name, blocks} or {name, view} from standard input, writes a JSON list of findings.
import { createRequire } from "node:module";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const here = process.argv[2];
const require = createRequire(join(here, "package.json"));
const stored = join(here, "slack-types.schema.json");

function made() {
  const { createGenerator } = require("ts-json-schema-generator");
  const path = join(here, "node_modules/@slack/types/dist/index.d.ts");
  const config = { path, type: "*", skipTypeCheck: true, additionalProperties: false, expose: "all" };
  const schema = createGenerator(config).createSchema("*");
  writeFileSync(stored, JSON.stringify(schema));
  return schema;
}

const schema = existsSync(stored) ? JSON.parse(readFileSync(stored, "utf8")) : made();
const Ajv = require("ajv").default;
const ajv = new Ajv({ strict: false, allErrors: false });
ajv.addSchema(schema, "types");
const block = ajv.getSchema("types#/definitions/KnownBlock");
const view = ajv.getSchema("types#/definitions/View");
const cards = process.argv[3] === "make" ? [] : JSON.parse(readFileSync(0, "utf8"));
const findings = [];
for (const card of cards) {
  for (const one of card.blocks ?? []) {
    if (!block(one)) findings.push(`${card.name}: ${one.type} ${JSON.stringify(block.errors.at(-1))}`);
  }
  if (card.view && !view(card.view)) findings.push(`${card.name}: ${JSON.stringify(view.errors.at(-1))}`);
}
process.stdout.write(JSON.stringify({ definitions: Object.keys(schema.definitions).length, findings }));
