/** A change that must still be sent to one other instance. */
export interface QueuedChange {
  readonly key: string;
  readonly seen: readonly string[];
  readonly item: Uint8Array;
}

/** Maximum number of changes and bytes that wait for one other instance, and maximum size of one message. */
const MAX_CHANGES = 4096;
const MAX_BYTES = 8 * 1024 * 1024;
const BATCH_BYTES = 256 * 1024;

/** Changes that wait for one other instance. If it is too slow they are dropped, and it needs the whole state. */
export class SendQueue {
  #waiting: QueuedChange[] = [];
  #bytes = 0;

  get size(): number {
    return this.#waiting.length;
  }

  /** Adds a change. Returns the number of changes that were dropped because there are too many. */
  add(outgoing: QueuedChange): number {
    this.#waiting.push(outgoing);
    this.#bytes += outgoing.item.length;
    if (this.#waiting.length <= MAX_CHANGES && this.#bytes <= MAX_BYTES) return 0;
    return this.clear();
  }

  /** Drops all changes and returns their number. */
  clear(): number {
    const dropped = this.#waiting.length;
    this.#waiting = [];
    this.#bytes = 0;
    return dropped;
  }

  /** Removes the oldest changes that fit into one message: of one state, and with the same recipients. */
  take():
    | { readonly key: string; readonly seen: readonly string[]; readonly items: readonly Uint8Array[] }
    | undefined {
    const first = this.#waiting[0];
    if (first === undefined) return undefined;
    const seen = first.seen.join("\n");
    let bytes = 0;
    let count = 0;
    for (const { key, seen: others, item } of this.#waiting) {
      if (count > 0 && (bytes + item.length > BATCH_BYTES || key !== first.key || others.join("\n") !== seen)) break;
      bytes += item.length;
      count++;
    }
    const items = this.#waiting.splice(0, count).map(({ item }) => item);
    this.#bytes -= bytes;
    return { key: first.key, seen: first.seen, items };
  }
}
