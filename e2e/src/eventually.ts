/** A failure that waiting will not mend. */
export class Fatal extends Error {}

const POLL_MS = 100;

/** Tries until `attempt` does not throw; gives its value. Fails with the last reason when `limitMs` is over. */
export async function eventually<T>(what: string, attempt: () => Promise<T>, limitMs = 60_000): Promise<T> {
  const end = performance.now() + limitMs;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (error instanceof Fatal || performance.now() > end)
        throw new Error(`${what}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
