import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { generatedPages } from "./docs-pages.ts";
import { root } from "./sources.ts";

/** Writes the pages of docs/ that are generated from the sources: `pnpm docs:write`. */
for (const [path, text] of generatedPages()) {
  const file = join(root, "docs", path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  process.stdout.write(`docs/${path}\n`);
}
