/**
 * All code that writes XOR chunks uses the functions of this file: commits, which append to the open chunks of series;
 * the replay of the log, which writes the chunk of one series at a time; and XorWriter, which writes merged blocks.
 */

/** appendXor() may overwrite this number of bytes behind the appended sample with zeros. */
export const OVERRUN_BYTES = 3;

/**
 * Window of meaningful bits of the last XORed value, for each row. Before a row's first XORed value, `leading` is
 * NO_WINDOW, which is above all valid values.
 */
export interface XorWindows {
  readonly leading: Uint8Array;
  readonly trailing: Uint8Array;
}

/**
 * Appends a sample to the XOR chunk at byte `start`, which has `bits` bits and at least two samples. `dod` is the delta
 * of deltas of the sample's time. `high` and `low` are the words of its value XORed with the previous value. Returns
 * the new number of bits. Returns 0 and changes nothing if `dod` needs more than 16 bits or the sample may not fit into
 * `size` bytes.
 */
export function appendXor(
  view: DataView,
  start: number,
  bits: number,
  size: number,
  dod: number,
  high: number,
  low: number,
  windows: XorWindows,
  row: number,
): number {
  if (dod === 0) return appendXorValue(view, start, bits, size, 0, 1, high, low, windows, row);
  if (dod < -8191 || dod > 8192) return 0;
  return appendXorValue(view, start, bits, size, 0x8000 | (dod & 0x3fff), 16, high, low, windows, row);
}

/**
 * Appends a sample as appendXor() does, but with a time that is already encoded. The encoded time is in the low `width`
 * (0 … 16) bits of `head`; with `width` 0, the time is already written.
 */
export function appendXorValue(
  view: DataView,
  start: number,
  bits: number,
  size: number,
  head: number,
  width: number,
  high: number,
  low: number,
  windows: XorWindows,
  row: number,
): number {
  const room = ((size - OVERRUN_BYTES) << 3) - bits;
  let at = (start << 3) + bits;
  if ((high | low) === 0) {
    if (++width > room) return 0;
    put(view, at, head << 1, width);
    return bits + width;
  }
  let leading = high === 0 ? 32 + Math.clz32(low) : Math.clz32(high);
  let trailing = low === 0 ? 63 - Math.clz32(high & -high) : 31 - Math.clz32(low & -low);
  if (leading > 31) leading = 31;
  const knownLeading = windows.leading[row]!;
  const knownTrailing = windows.trailing[row]!;
  if (leading >= knownLeading && trailing >= knownTrailing) {
    leading = knownLeading;
    trailing = knownTrailing;
    head = (head << 2) | 2;
    width += 2;
    if (width + 64 - leading - trailing > room) return 0;
  } else {
    const significant = 64 - leading - trailing;
    head = (head << 13) | 0x1800 | (leading << 6) | (significant & 63);
    width += 13;
    if (width + significant > room) return 0;
    windows.leading[row] = leading;
    windows.trailing[row] = trailing;
  }
  const count = 64 - leading - trailing;
  const bottom =
    trailing >= 32 ? high >>> (trailing - 32) : trailing === 0 ? low : (low >>> trailing) | (high << (32 - trailing));
  if (width + count <= 32) {
    // The two operands of `|` do not overlap, because `bottom` uses only the low `count` bits and `count` is below 32.
    put(view, at, (head << count) | bottom, width + count);
    return bits + width + count;
  }
  put(view, at, head, width);
  at += width;
  if (count > 32) {
    put(view, at, high >>> trailing, count - 32);
    at += count - 32;
    put(view, at, bottom, 32);
  } else put(view, at, bottom, count);
  return bits + width + count;
}

/**
 * Writes the low `count` (1 … 32) bits of `value` at bit `at` and clears the following bits up to the next whole byte.
 */
function put(view: DataView, at: number, value: number, count: number): void {
  const byte = at >>> 3;
  const used = at & 7;
  const word = value << (32 - count);
  const before = used === 0 ? 0 : view.getUint8(byte) << 24;
  view.setUint32(byte, before | (word >>> used));
  if (used + count > 32) view.setUint8(byte + 4, word << (8 - used));
}
