import type { Report } from "../decode/decode-context.ts";
import type { Position } from "../problem.ts";

/** A key that refers to a secret manager. */
export interface SecretRef {
  readonly value: string;
  readonly at: Position;
  /** The secret in upstream's words: `password`. */
  readonly what: string;
  /** The key that takes a file instead. */
  readonly file: string;
}

/**
 * Reports keys that refer to a secret manager, of which there is none. Returns false if there are any. Upstream's check of a
 * file takes them, and its server then fails to make the client.
 */
export function checkSecretRefs(refs: readonly SecretRef[], report: Report): boolean {
  const used = refs.filter(({ value }) => value !== "");
  for (const { at, what, file } of used) {
    const hint = `there is no secret manager: write the secret to a file and name it as ${file}`;
    report(at, "secret-ref", `unable to use ${what}: cannot use secret ref without manager`, hint);
  }
  return used.length === 0;
}
