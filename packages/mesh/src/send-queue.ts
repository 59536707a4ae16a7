/** A change of a shared state that has not been sent to a peer yet. */
export interface QueuedChange {
  readonly key: string;
  readonly seen: readonly string[];
  readonly item: Uint8Array;
}

/**
 * Maximum number of changes that wait for a peer, maximum of their total bytes, and maximum size of a message in bytes.
 */
const MAX_CHANGES = 4096;
const MAX_BYTES = 8 * 1024 * 1024;
const BATCH_BYTES = 256 * 1024;

/**
 * Changes that wait to be sent to one peer. If the peer reads too slowly, all changes are dropped, and the peer must
 * get the complete state.
 */
export class SendQueue {
  #waiting: QueuedChange[] = [];
  #bytes = 0;

  get size(): number {
    return this.#waiting.length;
  }

  /** Adds a change and returns 0. If there are too many changes, drops all of them and returns their number. */
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

  /**
   * Removes and returns the oldest changes that fit into one message. All returned changes belong to the same state and
   * have the same recipients.
   */
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
