import type { ByteMap } from "@narthex/bytes";
import type { Steps } from "@narthex/runtime";
import { sequenceOrder } from "./sequence-order.ts";

/** Returns the numbers of a map's keys in the byte order of the keys. */
export function* sortedKeys(map: ByteMap): Steps<Uint32Array> {
  const values = new Uint8Array(map.keyBytes);
  const starts = new Uint32Array(map.size + 1);
  for (let id = 0; id < map.size; id++) {
    const key = map.key(id);
    values.set(key, starts[id]);
    starts[id + 1] = starts[id]! + key.length;
  }
  return yield* sequenceOrder({ values, starts }, map.size);
}
