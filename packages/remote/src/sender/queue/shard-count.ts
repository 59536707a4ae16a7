/** Interval in seconds at which the number of shards is computed. */
export const SHARD_UPDATE_SECONDS = 10;

const WEIGHT = 0.2;
/** Relative difference between the needed and the current number of shards up to which the number stays unchanged. */
const TOLERANCE = 0.3;
/** Delay in seconds of the sent samples behind the appended samples above which shards are not removed. */
const TOLERATED_DELAY = 10;
/** Fraction of the waiting entries that the shards should send per second to catch up. */
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

/** Inputs for computing the number of shards. Rates are per second. */
export interface ShardInputs {
  readonly shards: number;
  readonly min: number;
  readonly max: number;
  readonly inRate: number;
  readonly outRate: number;
  readonly droppedRate: number;
  /** Time in seconds that all shards together spend on sending in each second. */
  readonly sendingRate: number;
  /** Time in seconds between the newest appended entry and the newest sent entry. */
  readonly delaySeconds: number;
}

/**
 * Returns the number of shards that would be fast enough (`wanted`, with a fraction), and the number of shards to use
 * (`count`).
 */
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
