import type { ByteMap } from "@narthex/bytes";

/** Numbers of a map's keys in the byte order of the keys. */
export function sortedKeys(map: ByteMap): Uint32Array {
  const count = map.size;
  const bytes = new Uint8Array(map.keyBytes);
  const ends = new Uint32Array(count);
  const order = new Uint32Array(count);
  for (let id = 0, at = 0; id < count; id++) {
    const key = map.key(id);
    bytes.set(key, at);
    at += key.length;
    ends[id] = at;
    order[id] = id;
  }
  return order.sort((a, b) => {
    let i = a === 0 ? 0 : ends[a - 1]!;
    let j = b === 0 ? 0 : ends[b - 1]!;
    const aEnd = ends[a]!;
    const bEnd = ends[b]!;
    while (i < aEnd && j < bEnd) {
      const difference = bytes[i++]! - bytes[j++]!;
      if (difference !== 0) return difference;
    }
    return aEnd - i - (bEnd - j);
  });
}
