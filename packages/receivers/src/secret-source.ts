import { readFile } from "node:fs/promises";
import type { Secret } from "@narthex/config";
import { readProblem } from "@narthex/http";
import { PermanentError } from "@narthex/notification";
import type { Attempt } from "./attempt.ts";

/** A secret from the configuration, or from its file, which is read again each time and stripped of white space. */
export async function readSecret(inline: Secret | undefined, file: string): Promise<string> {
  if (inline !== undefined && inline.reveal() !== "") return inline.reveal();
  return file === "" ? "" : (await readFile(file, "utf8")).trim();
}

/** Is either of the two given? */
export const isSecretSet = (inline: Secret | undefined, file: string): boolean =>
  (inline !== undefined && inline.reveal() !== "") || file !== "";

/** What is wrong where a setting stands in the configuration and in a file; upstream's sentence. */
export const conflictingSecretSources = (name: string): string =>
  `at most one of ${name} & ${name}_file must be configured`;

/** Where a secret stands: in the configuration or in a file. */
export type SecretPlace = readonly [inline: Secret | undefined, file: string];

/**
 * The secret as readSecret() gives it, hidden from what is reported of the attempt. Throws PermanentError if its file
 * cannot be read, with `what` before the reason.
 */
export async function secretFrom(attempt: Attempt, [inline, file]: SecretPlace, what = ""): Promise<string> {
  try {
    return attempt.hide(await readSecret(inline, file));
  } catch (error) {
    const problem = readProblem(file, error);
    throw new PermanentError(what === "" ? problem : `${what}: ${problem}`);
  }
}
