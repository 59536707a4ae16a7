/** Error that ends the wait of eventually() at once. */
export class Fatal extends Error {}

/** Pauses between attempts grow from the first to the longest pause, so that slow conditions are polled less often. */
const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 100;
/** Default time limit of waits in ms: more than ten times the time that a busy machine needs. */
export const PATIENCE_MS = 300_000;

/**
 * Repeats `attempt` until it does not throw. Resolves with its value; rejects with the last reason after the time
 * limit.
 * @param limitMs time limit; a function if the limit grows by the delays of a busy machine
 */
export async function eventually<T>(
  what: string,
  attempt: () => Promise<T>,
  limitMs: number | (() => number) = PATIENCE_MS,
): Promise<T> {
  const begun = performance.now();
  const isOver = (): boolean => performance.now() - begun > (typeof limitMs === "number" ? limitMs : limitMs());
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause + FIRST_PAUSE_MS, LONGEST_PAUSE_MS)) {
    try {
      return await attempt();
    } catch (error) {
      if (error instanceof Fatal || isOver())
        throw new Error(`${what}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    }
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}
