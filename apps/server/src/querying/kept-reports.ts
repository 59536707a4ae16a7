import { ApiError } from "@narthex/http";
import type { Clock } from "@narthex/runtime";

interface Options {
  readonly clock: Pick<Clock, "monotonic">;
  /** Time for which a report is used, ms. */
  readonly keptMs: number;
  /** Largest number of reports that are kept, and of reports that are made at the same time. */
  readonly maxKept: number;
  readonly maxRunning: number;
}

interface KeptReport<T> {
  /** Time on the monotonic clock until which the report is used, ms. */
  readonly until: number;
  readonly report: Promise<T>;
}

/**
 * Reports that cost many queries. Requests with the same key get the same report while it is made, and for some time
 * after it. A failed report is not kept.
 */
export class KeptReports<K, T> {
  readonly #options: Options;
  readonly #kept = new Map<K, KeptReport<T>>();
  #running = 0;

  constructor(options: Options) {
    this.#options = options;
  }

  /** Resolves with a kept report or a new one. Rejects with ApiError if too many reports are being made. */
  async get(key: K, make: () => Promise<T>): Promise<T> {
    const { clock, keptMs, maxRunning } = this.#options;
    const now = clock.monotonic();
    for (const [other, { until }] of this.#kept) if (until <= now) this.#kept.delete(other);
    const kept = this.#kept.get(key);
    if (kept !== undefined) return kept.report;
    if (this.#running >= maxRunning)
      throw new ApiError("unavailable", `${maxRunning} reports are already being made; send the request again later`);
    const report = make();
    this.#keep(key, { until: now + keptMs, report });
    return report;
  }

  /** Forgets all reports, because what they describe has changed. Requests that wait for a report still get it. */
  clear(): void {
    this.#kept.clear();
  }

  /** Keeps a report that is being made, unless it fails. Drops the oldest report beyond the limit. */
  #keep(key: K, kept: KeptReport<T>): void {
    this.#running++;
    this.#kept.set(key, kept);
    for (const oldest of this.#kept.keys()) if (this.#kept.size > this.#options.maxKept) this.#kept.delete(oldest);
    const forget = (): void => {
      if (this.#kept.get(key) === kept) this.#kept.delete(key);
    };
    void kept.report.catch(forget).finally(() => this.#running--);
  }
}
