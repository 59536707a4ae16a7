import { fnv1a64 } from "@narthex/bytes";
import type { Labels } from "@narthex/model";
import type { Clock } from "@narthex/runtime";

const NS_PER_MS = 1_000_000n;

/** The number that gives each server of a high-availability pair its own phases. */
export const offsetSeed = (hostname: string, externalLabels: Labels): bigint =>
  fnv1a64(new TextEncoder().encode(hostname + externalLabels.toString()));

/** Delay in ms until the target's first scrape: a phase of the wall clock that only its hash and the seed decide. */
export function firstDelay(nowMs: number, intervalMs: number, hash: bigint, seed: bigint): number {
  const interval = BigInt(Math.round(intervalMs)) * NS_PER_MS;
  const now = BigInt(Math.floor(nowMs * 1e6));
  const next = interval - (now % interval) + ((hash ^ seed) % interval);
  return Number(next > interval ? next - interval : next) / 1e6;
}

export interface ScheduleOptions {
  /** Use the scheduled time if the real time is this near. Default: on. */
  readonly align?: boolean;
  /** Default 2. */
  readonly toleranceMs?: number;
}

const DEFAULT_TOLERANCE_MS = 2;

/** A double holds a wall time to about 0.0003 ms. Two ticks that are nearer than this can get the same timestamp. */
const ROUNDING_MS = 0.001;

/**
 * The ticks of one target: one per interval from the start, and none while a scrape runs. If a scrape misses ticks, the
 * schedule makes up for one at once and drops the others.
 */
export class ScrapeSchedule {
  readonly #clock: Clock;
  readonly #intervalMs: number;
  readonly #options: ScheduleOptions;
  readonly #started: number;
  /** Number of the next tick. It is an integer: rounding cannot repeat a tick. */
  #next = 1;
  /** The last tick came before its time, as timers do. */
  #early = false;
  #aligned: number;

  constructor(clock: Clock, intervalMs: number, options: ScheduleOptions = {}, started: number = clock.monotonic()) {
    this.#clock = clock;
    this.#intervalMs = intervalMs;
    this.#options = options;
    this.#started = started;
    this.#aligned = clock.now();
  }

  /** One with the same ticks still to come. */
  copy(): ScrapeSchedule {
    const copy = new ScrapeSchedule(this.#clock, this.#intervalMs, this.#options, this.#started);
    copy.#next = this.#next;
    copy.#aligned = this.#aligned;
    return copy;
  }

  /** The timestamp of a scrape that begins now, whole ms. */
  timestamp(): number {
    const now = this.#clock.now();
    if (this.#options.align === false) return Math.floor(now);
    const tolerance = Math.min(this.#options.toleranceMs ?? DEFAULT_TOLERANCE_MS, this.#intervalMs / 100);
    const missed = Math.floor((now - this.#aligned) / this.#intervalMs);
    if (missed > 0) this.#aligned += missed * this.#intervalMs;
    // A timer that fires early belongs to the interval that is about to begin; one that fires late does not.
    const early = this.#aligned + this.#intervalMs - now;
    if (this.#early && early <= tolerance) this.#aligned += this.#intervalMs;
    return Math.floor(now - this.#aligned <= tolerance ? this.#aligned : now);
  }

  /** When the next tick is due, monotonic ms. */
  get due(): number {
    return this.#started + this.#next * this.#intervalMs;
  }

  /** The tick that was due has come. */
  advance(): void {
    const now = this.#clock.monotonic();
    this.#early = now < this.due;
    const passed = Math.floor((now - this.#started + ROUNDING_MS) / this.#intervalMs);
    this.#next = Math.max(this.#next, passed) + 1;
  }

  /** Waits for the next tick; rejects when the signal aborts, and the tick is then still to come. */
  async tick(signal: AbortSignal): Promise<void> {
    await this.#clock.sleep(Math.max(0, this.due - this.#clock.monotonic()), signal);
    this.advance();
  }
}
