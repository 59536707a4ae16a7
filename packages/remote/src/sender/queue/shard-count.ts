/** Interval in seconds at which the number of shards is computed. */
export const SHARD_UPDATE_SECONDS = 10;

const WEIGHT = 0.2;
/** Relative difference below which the number of shards stays unchanged. */
const TOLERANCE = 0.3;
/** If the sent samples are more than this number of seconds behind the appended samples, no shards are removed. */
const TOLERATED_DELAY = 10;
/** Fraction of the waiting entries that should be sent in a second, to catch up. */
const CATCH_UP = 0.05;

/** A moving average of a rate per second, from counts every SHARD_UPDATE_SECONDS. */
export class EwmaRate {
  #count = 0;
  #rate = 0;
  #started = false;

  add(count: number): void {
    this.#count += count;
  }

  tick(): void {
    const now = this.#count / SHARD_UPDATE_SECONDS;
    this.#count = 0;
    this.#rate = this.#started ? this.#rate + WEIGHT * (now - this.#rate) : now;
    this.#started = true;
  }

  get perSecond(): number {
    return this.#rate;
  }
}

/** The inputs from which the number of shards is computed. Rates are per second. */
export interface ShardInputs {
  readonly shards: number;
  readonly min: number;
  readonly max: number;
  readonly inRate: number;
  readonly outRate: number;
  readonly droppedRate: number;
  /** Seconds that all shards together spend with sending in each second. */
  readonly sendingRate: number;
  /** Time between the newest appended entry and the newest sent entry, s. */
  readonly delaySeconds: number;
}

/** Returns how many shards would be fast enough (`wanted`, with a fraction), and how many to use (`count`). */
export function shardCount(inputs: ShardInputs): { readonly wanted: number | undefined; readonly count: number } {
  const { shards, min, max, inRate, outRate, droppedRate, sendingRate, delaySeconds } = inputs;
  const clamp = (count: number): number => Math.min(max, Math.max(min, count));
  if (outRate <= 0) return { wanted: undefined, count: clamp(shards) };
  const kept = outRate / (droppedRate + outRate);
  const pending = delaySeconds * inRate * kept;
  const wanted = (sendingRate / outRate) * (inRate * kept + CATCH_UP * pending);
  const count = Math.ceil(wanted);
  if (count >= shards * (1 - TOLERANCE) && count <= shards * (1 + TOLERANCE)) return { wanted, count: clamp(shards) };
  if (delaySeconds > TOLERATED_DELAY && count < shards) return { wanted, count: clamp(shards) };
  return { wanted, count: clamp(count) };
}
