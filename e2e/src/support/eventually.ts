/** A failure that waiting will not mend. */
export class Fatal extends Error {}

/** The pause before the next attempt grows from the first to the longest: what takes seconds is not asked for all the time. */
const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 100;
/** For what never comes; a busy machine does not need a tenth of it. */
const PATIENCE_MS = 300_000;

/**
 * Tries until `attempt` does not throw; gives its value. Fails with the last reason when what never comes has had its time.
 *
 * @param limitMs a function where the limit grows under way, by what a busy machine takes of it
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
