/** A bug in this program: what had to hold did not. Never caught; the process ends and says why. */
export class InvariantError extends Error {
  override readonly name = "InvariantError";
}

/** States what must hold; prints the values when it does not. */
export function invariant(
  condition: boolean,
  sentence: string,
  values: Readonly<Record<string, unknown>> = {},
): asserts condition {
  if (condition) return;
  const shown = Object.entries(values).map(([name, value]) => ` ${name}=${String(value)}`);
  throw new InvariantError(`invariant broken: ${sentence}${shown.join("")}`);
}
