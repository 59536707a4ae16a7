/**
 * A bug in this program: a condition that must hold does not. This error is never caught, so the process ends and
 * reports it.
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
