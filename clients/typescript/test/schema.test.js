import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { test } from "node:test";

const folder = new URL("..", import.meta.url);
const missing = existsSync(new URL("node_modules/openapi-typescript", folder)) ? false : "openapi-typescript is not installed: run npm ci";

test("src/schema.ts is what docs/openapi/v1.json says", { skip: missing }, () => {
  const { status, stderr } = spawnSync(process.execPath, ["scripts/schema.mjs", "--check"], { cwd: folder, encoding: "utf8" });
  assert.equal(status, 0, stderr);
});
