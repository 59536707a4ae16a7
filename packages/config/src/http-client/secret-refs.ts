import type { Report } from "../decode/decode-context.ts";
import type { Position } from "../problem.ts";

/** A configuration key that refers to a secret in a secret manager. */
export interface SecretRef {
  readonly value: string;
  readonly at: Position;
  /** Prometheus' name of the secret in messages, such as `password`. */
  readonly what: string;
  /** The key for a file with the secret, which the error message recommends instead. */
  readonly file: string;
}

/**
 * Reports keys that refer to a secret manager, because Narthex has none. Returns false if such a key is used. In
 * Prometheus, the check of a file accepts these keys, but the server fails to create the client.
 */
export function checkSecretRefs(refs: readonly SecretRef[], report: Report): boolean {
  const used = refs.filter(({ value }) => value !== "");
  for (const { at, what, file } of used) {
    const hint = `there is no secret manager: write the secret to a file and name it as ${file}`;
    report(at, "secret-ref", `unable to use ${what}: cannot use secret ref without manager`, hint);
  }
  return used.length === 0;
}
