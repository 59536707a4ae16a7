import { encodeJson, encodeStateUpdate, type StateUpdate } from "./messages.ts";
import { MAX_FRAME_BYTES } from "./frame.ts";
import type { SharedState } from "./mesh-options.ts";

/** Number of bytes in one message of a full state. */
const PART_BYTES = 256 * 1024;

/** Maximum size of an entry that is sent: it must fit into a frame with its head. */
export const MAX_ITEM_BYTES: number = MAX_FRAME_BYTES / 2;

/** The kinds of state that the instances share, by key. */
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

  /** Returns the payload of a sync message. */
  digests(): Uint8Array {
    return encodeJson(Object.fromEntries([...this.#states].map(([key, state]) => [key, state.digest()])));
  }

  /** Returns the states that differ from another instance's digests. */
  differing(digests: ReadonlyMap<string, string>): readonly string[] {
    return this.keys.filter((key) => this.#states.get(key)!.digest() !== digests.get(key));
  }

  /** Returns payloads of state messages with all entries of these states, created on demand. */
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

  /** Merges an update and returns its new entries. A state that this version does not know is ignored. */
  async merge({ key, items }: StateUpdate): Promise<readonly Uint8Array[]> {
    return (await this.#states.get(key)?.merge(items)) ?? [];
  }
}
