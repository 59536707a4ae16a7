import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./sources.ts";
import { projectOf, type Suite } from "./suites.ts";

/** Matches an import of a function that uses the random seed of the run. */
const DRAWS = /^import [^;]*(?:\btestSeed\b[^;]*from|from "fast-check")/m;

/** Returns each suite with only its randomised test files. Omits suites that have no such files. */
export function randomisedSuites(
  suites: readonly Suite[],
  read: (file: string) => string = (file) => readFileSync(join(root, file), "utf8"),
): Suite[] {
  return suites
    .map((suite) => ({ ...suite, files: suite.files.filter((file) => DRAWS.test(read(file))) }))
    .filter(({ files }) => files.length > 0);
}

/** Returns the command that runs a test file again with the same seed. */
export const repeatCommand = ({ folder }: Suite, file: string, seed: number): string =>
  `NARTHEX_SEED=${seed} npx --yes pnpm@12.21.0 exec vitest run --project ${projectOf(folder)} ${file}`;
