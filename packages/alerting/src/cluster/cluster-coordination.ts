import type { Clock, Logger } from "@narthex/runtime";
import type { Coordination, HeldLock } from "../dispatch/coordination.ts";
import type { FlushAlert } from "../dispatch/flush.ts";
import { isEntryNewer, WARM_UP_MS } from "../dispatch/lease-coordination.ts";
import type { LogEntry } from "../dispatch/notification-log.ts";

/** Number of consecutive polls that must find the same number of instances before the cluster counts as settled. */
const STABLE_POLLS = 3;

const done = async (): Promise<void> => undefined;

export interface ClusterCoordinationOptions {
  /**
   * Returns the index of this instance, from 0, in the sorted list of the names of all running instances of the
   * cluster.
   */
  readonly position: () => number;
  /** Returns the number of running instances of the cluster. */
  readonly size: () => number;
  /** Time in ms that an instance waits for each instance whose name sorts before its own name. */
  readonly peerTimeoutMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Coordinates the instances of a cluster, which are numbered in the order of their names. Before an instance notifies,
 * it waits one timeout for each instance with a lower number. After this wait, the notification log shows whether one
 * of the lower-numbered instances has notified. No instance notifies before the cluster has settled.
 */
export class ClusterCoordination implements Coordination {
  readonly #options: ClusterCoordinationOptions;
  readonly #settled = Promise.withResolvers<void>();
  readonly #warmAt: number;
  #isReady = false;

  constructor(options: ClusterCoordinationOptions) {
    this.#options = options;
    this.#warmAt = options.clock.monotonic() + WARM_UP_MS;
  }

  /** State of the cluster, as the API shows it. */
  get status(): "ready" | "settling" {
    return this.#isReady ? "ready" : "settling";
  }

  ready(signal: AbortSignal): Promise<void> {
    if (this.#isReady) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const abort = (): void => reject(new Error("the cluster did not settle in time"));
      if (signal.aborted) abort();
      else signal.addEventListener("abort", abort, { once: true });
      void this.#settled.promise.then(() => {
        signal.removeEventListener("abort", abort);
        resolve();
      });
    });
  }

  maxWaitMs(): number {
    return this.#options.position() * this.#options.peerTimeoutMs;
  }

  /**
   * Reports whether the notification log is newer than the alerts of this instance. This is possible after a restart,
   * because other instances received reports of alerts while this instance was down.
   */
  isLogNewer(entry: LogEntry, alerts: readonly FlushAlert[]): boolean {
    const { clock, size } = this.#options;
    return size() > 1 && clock.monotonic() < this.#warmAt && isEntryNewer(entry, alerts);
  }

  async acquire(_key: string, signal: AbortSignal): Promise<HeldLock> {
    const wait = this.maxWaitMs();
    if (wait > 0) await this.#options.clock.sleep(wait, signal);
    return { release: done };
  }

  /**
   * Waits until three consecutive polls find the same number of instances, until the timeout has passed, or until the
   * signal aborts. After that, this instance may notify.
   */
  async settle(pollMs: number, timeoutMs: number, signal: AbortSignal): Promise<void> {
    const { clock, logger, size } = this.#options;
    const started = clock.monotonic();
    const elapsed = (): string => `${((clock.monotonic() - started) / 1000).toFixed(3)}s`;
    logger.info("Waiting for gossip to settle...", { interval: `${pollMs / 1000}s` });
    let before = 0;
    let calm = 0;
    for (let polls = 0; ; polls++) {
      const left = Math.max(0, started + timeoutMs - clock.monotonic());
      const isInTime = await clock.sleep(Math.min(left, pollMs), signal).then(
        () => left > pollMs,
        () => false,
      );
      if (!isInTime) {
        logger.info("gossip not settled but continuing anyway", { polls, elapsed: elapsed() });
        break;
      }
      const now = size();
      if (calm >= STABLE_POLLS) {
        logger.info("gossip settled; proceeding", { elapsed: elapsed() });
        break;
      }
      if (now === before) calm++;
      else {
        calm = 0;
        logger.info("gossip not settled", { polls, before, now, elapsed: elapsed() });
      }
      before = now;
    }
    this.#isReady = true;
    this.#settled.resolve();
  }
}
