import { logOnChange, type Logger, type StateLog } from "@narthex/runtime";
import type { Collection, Entry } from "@narthex/store";
import type { LogEnd } from "@narthex/tsdb";
import type { LogPosition } from "./log-position.ts";

/**
 * Progress of a shard: the position in the write-ahead log up to which the receiver has all entries, and the end of a
 * request that has no response yet.
 */
export interface ShardPosition {
  readonly acknowledged: LogPosition;
  readonly inFlight: LogPosition | undefined;
}

/** Name of the collection of positions in the store. */
export const POSITIONS = "remote_write_positions";

type Numbers = readonly [segment: number, offset: number, entry: number];

interface Kept {
  readonly shards: readonly (readonly [acknowledged: Numbers, inFlight?: Numbers])[];
}

/**
 * Stores, for each queue, the position in the write-ahead log up to which the queue has sent. After a restart, a queue
 * continues at its stored position.
 */
export class KeptPositions {
  readonly #collection: Collection;
  readonly #log: StateLog;

  constructor(collection: Collection, logger: Logger) {
    this.#collection = collection;
    this.#log = logOnChange(logger, "keeping how far the log was sent");
  }

  /** Returns the positions of a queue's shards, or undefined for a new queue. */
  async load(queue: string): Promise<readonly ShardPosition[] | undefined> {
    try {
      const entry = await this.#collection.get(queue);
      if (entry === undefined) return undefined;
      const { shards } = JSON.parse(entry.value) as Kept;
      if (shards.length === 0) return undefined;
      return shards.map(([acknowledged, inFlight]) => ({
        acknowledged: positionOf(acknowledged),
        inFlight: inFlight === undefined ? undefined : positionOf(inFlight),
      }));
    } catch (cause) {
      this.#log.failed(String(cause));
      return undefined;
    }
  }

  /** Stores the start position of a new queue, for each of its `shards` shards. */
  async begin(queue: string, { segment, offset }: LogEnd, shards: number): Promise<void> {
    if ((await this.load(queue)) !== undefined) return;
    const acknowledged = { segment, offset, entry: -1 };
    await this.save(
      queue,
      Array.from({ length: shards }, () => ({ acknowledged, inFlight: undefined })),
    );
  }

  /**
   * Stores the positions of a queue. Never rejects, because a missing position only has the effect that samples are
   * sent again after a crash.
   */
  async save(queue: string, shards: readonly ShardPosition[]): Promise<void> {
    const kept: Kept = {
      shards: shards.map(({ acknowledged, inFlight }) =>
        inFlight === undefined ? [numbersOf(acknowledged)] : [numbersOf(acknowledged), numbersOf(inFlight)],
      ),
    };
    const entry: Entry = { key: queue, value: JSON.stringify(kept), expiresAt: Number.MAX_SAFE_INTEGER };
    await this.#change(() => this.#collection.put(entry));
  }

  /** Removes the positions of all queues that are not in the list. */
  async retain(queues: readonly string[]): Promise<void> {
    await this.#change(async () => {
      const gone = (await this.#collection.entries()).map(({ key }) => key).filter((key) => !queues.includes(key));
      if (gone.length > 0) await this.#collection.change([], gone);
    });
  }

  async #change(run: () => Promise<void>): Promise<void> {
    try {
      await run();
      this.#log.succeeded();
    } catch (cause) {
      this.#log.failed(cause instanceof Error ? cause.message : String(cause));
    }
  }
}

/** Returns stored numbers as a position. Throws if the numbers are invalid. */
function positionOf([segment, offset, entry]: Numbers): LogPosition {
  const isPosition = [segment, offset, entry].every(Number.isSafeInteger) && segment >= 0 && offset >= 0;
  if (!isPosition) throw new Error("a stored position is damaged: expected segment, offset and entry as whole numbers");
  return { segment, offset, entry };
}
const numbersOf = ({ segment, offset, entry }: LogPosition): Numbers => [segment, offset, entry];
