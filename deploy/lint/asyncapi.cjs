// NODE_PATH=<node_modules> node asyncapi.cjs FILE: whether the file is a valid AsyncAPI document.

"use strict";

const { readFileSync } = require("node:fs");
const { Parser } = require("@asyncapi/parser");

const ERROR = 0;

async function main(file) {
  const { diagnostics } = await new Parser().parse(readFileSync(file, "utf8"));
  const errors = diagnostics.filter(({ severity }) => severity === ERROR);
  for (const { code, path, message } of errors) {
    console.error(`${file}: ${path.join(".")}: ${message} (${code})`);
  }
  process.exitCode = errors.length ? 1 : 0;
}

main(process.argv[2]);
