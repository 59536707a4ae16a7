import { readFile } from "node:fs/promises";
import type { Secret } from "@narthex/config";
import { readProblem } from "@narthex/http";
import { PermanentError } from "@narthex/notification";
import type { Attempt } from "./attempt.ts";

/**
 * Returns a secret from the configuration, or from its file. The file is read each time, and white space around its
 * text is removed.
 */
export async function readSecret(inline: Secret | undefined, file: string): Promise<string> {
  if (inline !== undefined && inline.reveal() !== "") return inline.reveal();
  return file === "" ? "" : (await readFile(file, "utf8")).trim();
}

export const isSecretSet = (inline: Secret | undefined, file: string): boolean =>
  (inline !== undefined && inline.reveal() !== "") || file !== "";

/** Returns Alertmanager's error message for a secret that is given both in the configuration and in a file. */
export const conflictingSecretSources = (name: string): string =>
  `at most one of ${name} & ${name}_file must be configured`;

export type SecretPlace = readonly [inline: Secret | undefined, file: string];

/**
 * Returns a secret like readSecret(), and redacts it in reports of the attempt. Throws PermanentError, whose message
 * begins with `what`, if the file cannot be read.
 */
export async function secretFrom(attempt: Attempt, [inline, file]: SecretPlace, what = ""): Promise<string> {
  try {
    return attempt.hide(await readSecret(inline, file));
  } catch (error) {
    const problem = readProblem(file, error);
    throw new PermanentError(what === "" ? problem : `${what}: ${problem}`);
  }
}
