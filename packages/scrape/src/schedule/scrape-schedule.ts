import { fnv1a64 } from "@narthex/bytes";
import type { Labels } from "@narthex/model";
import type { Clock } from "@narthex/runtime";

const NS_PER_MS = 1_000_000n;

/**
 * Returns the seed of the scrape times of a server. The servers of a high-availability pair have different seeds, so
 * they scrape at different times.
 */
export const offsetSeed = (hostname: string, externalLabels: Labels): bigint =>
  fnv1a64(new TextEncoder().encode(hostname + externalLabels.toString()));

/**
 * Returns the delay in ms until a target's first scrape. The time within the interval depends only on the target's hash
 * and the seed.
 */
export function firstDelay(nowMs: number, intervalMs: number, hash: bigint, seed: bigint): number {
  const interval = BigInt(Math.round(intervalMs)) * NS_PER_MS;
  const now = BigInt(Math.floor(nowMs * 1e6));
  const next = interval - (now % interval) + ((hash ^ seed) % interval);
  return Number(next > interval ? next - interval : next) / 1e6;
}

export interface ScheduleOptions {
  /** True to use the scheduled time as the timestamp if the real time is close to it. Default: true. */
  readonly align?: boolean;
  /** Maximum difference in ms between scheduled and real time for which the scheduled time is used. Default: 2. */
  readonly toleranceMs?: number;
}

const DEFAULT_TOLERANCE_MS = 2;

/**
 * Precision in ms with which ticks are compared. A double represents a wall time to about 0.0003 ms, so two ticks that
 * are closer can get the same timestamp.
 */
const ROUNDING_MS = 0.001;

/**
 * The scheduled scrape times (ticks) of one target: one tick per interval, but none while a scrape is in progress. If
 * ticks are missed during a scrape, one tick follows at once and the other missed ticks are dropped.
 */
export class ScrapeSchedule {
  readonly #clock: Clock;
  readonly #intervalMs: number;
  readonly #options: ScheduleOptions;
  readonly #started: number;
  /**
   * Number of the next tick. Stored as an integer instead of a time, because rounding of a time could cause a tick to
   * occur twice.
   */
  #next = 1;
  /** True if the last tick occurred slightly before its time, which happens with timers. */
  #early = false;
  #aligned: number;

  constructor(clock: Clock, intervalMs: number, options: ScheduleOptions = {}, started: number = clock.monotonic()) {
    this.#clock = clock;
    this.#intervalMs = intervalMs;
    this.#options = options;
    this.#started = started;
    this.#aligned = clock.now();
  }

  /** Returns a copy of the schedule with the same future ticks. */
  copy(): ScrapeSchedule {
    const copy = new ScrapeSchedule(this.#clock, this.#intervalMs, this.#options, this.#started);
    copy.#next = this.#next;
    copy.#aligned = this.#aligned;
    return copy;
  }

  /** Returns the timestamp of a scrape that begins now, Unix ms without a fraction. */
  timestamp(): number {
    const now = this.#clock.now();
    if (this.#options.align === false) return Math.floor(now);
    const tolerance = Math.min(this.#options.toleranceMs ?? DEFAULT_TOLERANCE_MS, this.#intervalMs / 100);
    const missed = Math.floor((now - this.#aligned) / this.#intervalMs);
    if (missed > 0) this.#aligned += missed * this.#intervalMs;
    // Uses the time of the next tick if a timer fires slightly early, because the scrape belongs to the interval that
    // is about to begin.
    const early = this.#aligned + this.#intervalMs - now;
    if (this.#early && early <= tolerance) this.#aligned += this.#intervalMs;
    return Math.floor(now - this.#aligned <= tolerance ? this.#aligned : now);
  }

  /** Time of the next tick, in ms on the monotonic clock. */
  get due(): number {
    return this.#started + this.#next * this.#intervalMs;
  }

  /** Records that the due tick has occurred, and computes the next tick. */
  advance(): void {
    const now = this.#clock.monotonic();
    this.#early = now < this.due;
    const passed = Math.floor((now - this.#started + ROUNDING_MS) / this.#intervalMs);
    this.#next = Math.max(this.#next, passed) + 1;
  }

  /** Waits for the next tick. Rejects if the signal aborts. The tick is then still due. */
  async tick(signal: AbortSignal): Promise<void> {
    await this.#clock.sleep(Math.max(0, this.due - this.#clock.monotonic()), signal);
    this.advance();
  }
}
