import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Returns the version of the checkout, which releases and images have. */
export const releaseVersion = (root: string): string =>
  (JSON.parse(readFileSync(join(root, "apps/narthex/package.json"), "utf8")) as { version: string }).version;
