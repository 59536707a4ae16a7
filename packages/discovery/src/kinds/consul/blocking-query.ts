import { errorText, type StateLog } from "@narthex/runtime";
import { sleepUnlessStopped } from "../../polled-discoverer.ts";
import type { DiscoveryContext } from "../../discoverer.ts";

/** An answer of Consul with its index, the value of `X-Consul-Index`. The index is undefined if Consul sends none. */
export interface IndexedResponse<T> {
  readonly value: T;
  readonly index: bigint | undefined;
}

export interface BlockingQuery<T> {
  readonly context: DiscoveryContext;
  /** Signal that ends the query. The signal of `context` ends it too. */
  readonly signal: AbortSignal;
  /** Minimum time in ms between two requests to Consul. */
  readonly intervalMs: number;
  readonly log: StateLog;
  /**
   * Sends a request with the index of the last answer. Consul answers when its state has a different index, or
   * immediately if the index is 0.
   */
  readonly request: (index: bigint) => Promise<IndexedResponse<T>>;
  /** Called with the value of each answer of Consul, even if the value has not changed. */
  readonly take: (value: T) => void;
}

/** Pause in ms after a failed request to Consul. */
export const RETRY_MS = 15_000;
/** Minimum pause in ms between two requests to Consul if `intervalMs` is 0. */
const SHORTEST_PAUSE_MS = 100;

/**
 * Returns the next index by the rules for blocking queries of Consul's HTTP API. An index that went backwards is reset
 * to 0. Otherwise the index is at least 1, so that the next request blocks. An answer without an index comes from an
 * endpoint that does not block.
 */
export function nextIndex(last: bigint, got: bigint | undefined): bigint {
  if (got === undefined || got < last) return 0n;
  return got > 1n ? got : 1n;
}

/** Sends a Consul blocking query repeatedly until the signal aborts. */
export async function repeatBlockingQuery<T>({
  context,
  signal,
  intervalMs,
  log,
  request,
  take,
}: BlockingQuery<T>): Promise<void> {
  const { clock } = context;
  let last = 0n;
  while (!signal.aborted) {
    const begun = clock.monotonic();
    let least = SHORTEST_PAUSE_MS;
    try {
      const { value, index } = await request(last);
      if (signal.aborted) return;
      if (index === undefined || index === 0n || index !== last) take(value);
      last = nextIndex(last, index);
      if (last > 0n) least = 0;
      log.succeeded();
    } catch (error) {
      if (signal.aborted) return;
      least = RETRY_MS;
      log.failed(errorText(error));
    }
    const spacing = intervalMs - (clock.monotonic() - begun);
    if (spacing > 0 || least > 0) await sleepUnlessStopped({ ...context, signal }, Math.max(spacing, least));
  }
}
