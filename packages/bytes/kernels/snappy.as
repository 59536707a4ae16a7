// Compresses a block of up to 65,536 bytes to Snappy's block format, byte for byte as src/snappy/snappy-compressor.ts does in
// TypeScript. AssemblyScript; `pnpm kernels:build` compiles it into src/snappy/snappy.wasm.ts.
//
// Memory, in bytes. The caller writes a block at INPUT and finds it compressed at OUTPUT. Loads reach up to 16 bytes beyond
// the block, stores up to 16 beyond what is compressed.
//
//     0       table   16,384 × u16: where four bytes of a hash were seen last
//     32768   input   65,536 and 64 to spare
//     98368   output  69,632

const INPUT: usize = 32768;
const OUTPUT: usize = 98368;

const MAX_TABLE_BITS: u32 = 14;
/** Matches are not looked for in the last bytes of a block, so that four can be read anywhere. */
const MARGIN: usize = 15;

@inline function slotOf(word: u32, shift: u32): usize {
  return <usize>((word * 0x1e35a7bd) >> shift) << 1;
}

/** Where what is equal from `at` on to what begins at `before` ends. */
@inline function matchEnd(before: usize, at: usize, end: usize): usize {
  while (at + 8 <= end) {
    const difference = load<u64>(at) ^ load<u64>(before);
    if (difference != 0) return at + <usize>(ctz(difference) >> 3);
    at += 8;
    before += 8;
  }
  while (at < end && load<u8>(at) == load<u8>(before)) {
    at++;
    before++;
  }
  return at;
}

@inline function literal(from: usize, end: usize, out: usize): usize {
  const length = end - from;
  const last = <u32>length - 1;
  if (last < 60) store<u8>(out++, last << 2);
  else if (last < 256) {
    store<u8>(out, 60 << 2);
    store<u8>(out + 1, last);
    out += 2;
  } else {
    store<u8>(out, 61 << 2);
    store<u16>(out + 1, last);
    out += 3;
  }
  for (let i: usize = 0; i < length; i += 16) v128.store(out + i, v128.load(from + i));
  return out + length;
}

@inline function copy(offset: u32, total: u32, out: usize): usize {
  let length = total;
  while (length > 0) {
    // Never less than four are left, which is what a short copy takes at least.
    const piece: u32 = length >= 68 ? 64 : length > 64 ? 60 : length;
    length -= piece;
    if (piece < 12 && offset < 2048) {
      store<u8>(out, 1 | ((piece - 4) << 2) | ((offset >> 8) << 5));
      store<u8>(out + 1, offset);
      out += 2;
    } else {
      store<u8>(out, 2 | ((piece - 1) << 2));
      store<u16>(out + 1, offset);
      out += 3;
    }
  }
  return out;
}

/** Compresses the first `count` bytes of the input; returns how many bytes of output there are then. */
export function compress(count: u32): u32 {
  const bits = min<u32>(MAX_TABLE_BITS, max<u32>(8, 32 - clz<u32>(count - 1)));
  const shift = 32 - bits;
  memory.fill(0, 0, 2 << bits);
  const end = INPUT + count;
  let out = OUTPUT;
  /** Bytes before this one are in the output. */
  let done = INPUT;
  let next = INPUT + 1;
  let misses: usize = 32;
  while (next + MARGIN <= end) {
    const position = next;
    const word = load<u32>(position);
    const slot = slotOf(word, shift);
    const candidate = INPUT + <usize>load<u16>(slot);
    store<u16>(slot, <u32>(position - INPUT));
    if (load<u32>(candidate) != word) {
      next += misses++ >> 5;
      continue;
    }
    misses = 32;
    if (position > done) out = literal(done, position, out);
    done = matchEnd(candidate + 4, position + 4, end);
    out = copy(<u32>(position - candidate), <u32>(done - position), out);
    if (done + MARGIN > end) break;
    store<u16>(slotOf(load<u32>(done - 1), shift), <u32>(done - 1 - INPUT));
    next = done;
  }
  if (done < end) out = literal(done, end, out);
  return <u32>(out - OUTPUT);
}
