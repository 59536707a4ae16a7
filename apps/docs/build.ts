import { rmSync } from "node:fs";
import { resolve } from "node:path";
import { buildSite } from "./src/build-site.ts";

/** Builds the documentation site of this checkout: `node build.ts FOLDER`, whose content is replaced. */
const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error("name the folder: node build.ts FOLDER");
const out = resolve(folder);
rmSync(out, { recursive: true, force: true });
await buildSite(resolve(import.meta.dirname, "../.."), out);
