import type { Clock } from "./clock.ts";
import type { Logger } from "./logger.ts";

/** A running component of a program that can be stopped. */
export interface Part {
  readonly name: string;
  /** Time limit of stop() for this part, ms. Used only if it is longer than the common limit of all parts. */
  readonly stopLimitMs?: number;
  stop(): Promise<void> | void;
}

/**
 * Keeps the started parts in order, and stops them in reverse order. A part that does not stop in time is logged and
 * skipped, so that, for example, a notifier that hangs does not prevent the storage from closing.
 */
export class Lifecycle {
  readonly #parts: Part[] = [];
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #deadlineMs: number;

  /** @param deadlineMs time limit for stopping each part, ms */
  constructor(options: { clock: Clock; logger: Logger; deadlineMs: number }) {
    this.#clock = options.clock;
    this.#logger = options.logger;
    this.#deadlineMs = options.deadlineMs;
  }

  add<P extends Part>(part: P): P {
    this.#parts.push(part);
    return part;
  }

  /** Stops all parts, beginning with the one that was started last. */
  async stop(): Promise<void> {
    for (let part = this.#parts.pop(); part !== undefined; part = this.#parts.pop()) await this.#stopOne(part);
  }

  async #stopOne(part: Part): Promise<void> {
    const timeout = new AbortController();
    const limitMs = Math.max(this.#deadlineMs, part.stopLimitMs ?? 0);
    const late = this.#clock.sleep(limitMs, timeout.signal).then(
      () => "late" as const,
      () => "stopped" as const,
    );
    try {
      const outcome = await Promise.race([Promise.resolve(part.stop()).then(() => "stopped" as const), late]);
      if (outcome === "late") this.#logger.warn("Part did not stop in time", { part: part.name, limitMs });
    } catch (error) {
      this.#logger.error("Part failed to stop", { part: part.name, err: error });
    } finally {
      timeout.abort();
    }
  }
}
