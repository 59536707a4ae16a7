import { deb } from "./deb.ts";
import type { Format } from "./format.ts";
import { libraries } from "./libraries.ts";
import { npm } from "./npm.ts";
import { rpm } from "./rpm.ts";
import { tarGz } from "./tar-gz.ts";

/**
 * All release formats. To add one, copy tar-gz.ts, add a line here, test the bytes of its output, and add a row to
 * docs/install.md.
 */
export const formats: readonly Format[] = [tarGz, npm, libraries, deb, rpm];
