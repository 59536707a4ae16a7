/**
 * A bug in this program: a condition that must always be true is false. This error is never caught, so the process ends
 * and reports the error.
 */
export class InvariantError extends Error {
  override readonly name = "InvariantError";
}

/** Throws InvariantError if the condition is false. The error contains the values. */
export function invariant(
  condition: boolean,
  sentence: string,
  values: Readonly<Record<string, unknown>> = {},
): asserts condition {
  if (condition) return;
  const shown = Object.entries(values).map(([name, value]) => ` ${name}=${String(value)}`);
  throw new InvariantError(`invariant broken: ${sentence}${shown.join("")}`);
}
