import { encodeJson, encodeStateUpdate, type StateUpdate } from "./messages.ts";
import { MAX_FRAME_BYTES } from "./frame.ts";
import type { SharedState } from "./mesh-options.ts";

/** Maximum total size in bytes of the entries in one message. A larger entry is sent in a separate message. */
const PART_BYTES = 256 * 1024;

/** Maximum size of an entry in bytes. The limit ensures that a message with one entry fits into a frame. */
export const MAX_ITEM_BYTES: number = MAX_FRAME_BYTES / 2;

export class SharedStates {
  readonly #states = new Map<string, SharedState>();

  add(key: string, state: SharedState): void {
    this.#states.set(key, state);
  }

  get(key: string): SharedState | undefined {
    return this.#states.get(key);
  }

  get keys(): readonly string[] {
    return [...this.#states.keys()];
  }

  /** Returns the payload of a `sync` message: the digest of each state, for comparison by another instance. */
  digests(): Uint8Array {
    return encodeJson(Object.fromEntries([...this.#states].map(([key, state]) => [key, state.digest()])));
  }

  /** Returns the keys of the states whose digests differ from another instance's digests. */
  differing(digests: ReadonlyMap<string, string>): readonly string[] {
    return this.keys.filter((key) => this.#states.get(key)!.digest() !== digests.get(key));
  }

  /**
   * Yields the messages that contain all entries of the given states, except entries larger than MAX_ITEM_BYTES. Each
   * message is created when it is requested.
   */
  *fullStateMessages(keys: readonly string[]): Iterable<Uint8Array> {
    for (const key of keys) {
      let items: Uint8Array[] = [];
      let bytes = 0;
      for (const item of this.#states.get(key)?.snapshot() ?? []) {
        if (item.length > MAX_ITEM_BYTES) continue;
        if (items.length > 0 && bytes + item.length > PART_BYTES) {
          yield encodeStateUpdate({ key, seen: [], items });
          items = [];
          bytes = 0;
        }
        items.push(item);
        bytes += item.length;
      }
      if (items.length > 0) yield encodeStateUpdate({ key, seen: [], items });
    }
  }

  /**
   * Merges an update, and returns the entries that were new. Updates of unknown states are ignored, because a newer
   * version may have sent them.
   */
  async merge({ key, items }: StateUpdate): Promise<readonly Uint8Array[]> {
    return (await this.#states.get(key)?.merge(items)) ?? [];
  }
}
