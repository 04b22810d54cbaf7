// Generates src/schema.ts from the schemas of docs/openapi/v1.json. `--check` compares instead, and fails where they differ.
// The paths are left out: every operation repeats the errors of all, and the client addresses operations by itself.
import { readFile, writeFile } from "node:fs/promises";
import openapiTypescript, { astToString } from "openapi-typescript";

const file = new URL("../src/schema.ts", import.meta.url);
const { openapi, info, components } = JSON.parse(await readFile(new URL("../../../docs/openapi/v1.json", import.meta.url), "utf8"));
const types = await openapiTypescript({ openapi, info, paths: {}, components: { schemas: components.schemas } }, { silent: true });
const text = `// Generated from docs/openapi/v1.json by \`npm run schema\`. Do not edit.\n\n${astToString(types)}`;

if (!process.argv.includes("--check")) {
  await writeFile(file, text);
} else if (text !== await readFile(file, "utf8")) {
  console.error("src/schema.ts is not what docs/openapi/v1.json says: run `npm run schema` in clients/typescript.");
  process.exitCode = 1;
}
