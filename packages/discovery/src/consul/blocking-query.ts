import type { StateLog } from "@narthex/runtime";
import { sleepUnlessStopped } from "../polled-discoverer.ts";
import type { DiscoveryContext } from "../discoverer.ts";

/** What Consul answers, and the index of its state, or undefined if it does not tell one. */
export interface IndexedResponse<T> {
  readonly value: T;
  readonly index: bigint | undefined;
}

export interface BlockingQuery<T> {
  readonly context: DiscoveryContext;
  /** Ends the following; aborts with the context's signal too. */
  readonly signal: AbortSignal;
  /** Least time between two questions. */
  readonly intervalMs: number;
  readonly log: StateLog;
  /** Asks; blocks until the state differs from the index, unless that is 0. */
  readonly ask: (index: bigint) => Promise<IndexedResponse<T>>;
  /** Takes an answer that may be new. */
  readonly take: (value: T) => void;
}

/** Pause after a failure. */
export const RETRY_MS = 15_000;
/** Pause where an interval of 0 meets a server that does not block. */
const SHORTEST_PAUSE_MS = 100;

/**
 * The index to ask with next, by the rules for blocking queries of Consul's HTTP API: one that went backwards starts
 * again, and at least 1, so that the next question blocks in any case. An answer without index comes from something
 * that does not block.
 */
export function nextIndex(last: bigint, got: bigint | undefined): bigint {
  if (got === undefined || got < last) return 0n;
  return got > 1n ? got : 1n;
}

/** Asks again and again until the signal aborts. */
export async function repeatBlockingQuery<T>({
  context,
  signal,
  intervalMs,
  log,
  ask,
  take,
}: BlockingQuery<T>): Promise<void> {
  const { clock } = context;
  let last = 0n;
  while (!signal.aborted) {
    const begun = clock.monotonic();
    let least = SHORTEST_PAUSE_MS;
    try {
      const { value, index } = await ask(last);
      if (signal.aborted) return;
      if (index === undefined || index === 0n || index !== last) take(value);
      last = nextIndex(last, index);
      if (last > 0n) least = 0;
      log.worked();
    } catch (error) {
      if (signal.aborted) return;
      least = RETRY_MS;
      log.failed(error instanceof Error ? error.message : String(error));
    }
    const spacing = intervalMs - (clock.monotonic() - begun);
    if (spacing > 0 || least > 0) await sleepUnlessStopped({ ...context, signal }, Math.max(spacing, least));
  }
}
