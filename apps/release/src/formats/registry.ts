import { deb } from "./deb.ts";
import type { Format } from "./format.ts";
import { libraries } from "./libraries.ts";
import { npm } from "./npm.ts";
import { rpm } from "./rpm.ts";
import { tarGz } from "./tar-gz.ts";

/**
 * To add a format: (1) copy tar-gz.ts, the shortest; (2) add a line here; (3) a test of its bytes; (4) a row of
 * docs/install.md.
 */
export const formats: readonly Format[] = [tarGz, npm, libraries, deb, rpm];
