import { encodeJson, encodeStateUpdate, type StateUpdate } from "./messages.ts";
import { MAX_FRAME_BYTES } from "./frame.ts";
import type { SharedState } from "./mesh-options.ts";

/** Bytes of one message of a full state. */
const PART_BYTES = 256 * 1024;

/** Largest entry that is passed on: it has to fit into a frame with its head. */
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

  /** Payload of a sync message. */
  digests(): Uint8Array {
    return encodeJson(Object.fromEntries([...this.#states].map(([key, state]) => [key, state.digest()])));
  }

  /** Which of them are not as another instance's digests say. */
  differing(digests: ReadonlyMap<string, string>): readonly string[] {
    return this.keys.filter((key) => this.#states.get(key)!.digest() !== digests.get(key));
  }

  /** Payloads of state messages with all entries of these states; made as they are asked for. */
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

  /** Takes in an update; what of it was news. A state that this version does not know is nothing. */
  async merge({ key, items }: StateUpdate): Promise<readonly Uint8Array[]> {
    return (await this.#states.get(key)?.merge(items)) ?? [];
  }
}
