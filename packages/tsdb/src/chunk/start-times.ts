import type { BitCursor } from "./bit-buffer.ts";

/**
 * Moves past the start timestamp behind sample `index` of a chunk that may have some (encodings 4 to 6). The chunk's
 * header byte says whether the first sample has one (highest bit), and from which sample on they change.
 */
export function skipStartTime(cursor: BitCursor, header: number, index: number): void {
  if (index === 0) {
    if ((header & 0x80) !== 0) cursor.uvarint();
    return;
  }
  const changesFrom = header & 0x7f;
  if (changesFrom > 0 && index >= changesFrom) cursor.varbitInt();
}
