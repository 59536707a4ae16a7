// Decodes XOR chunks with 64-bit words, which JavaScript does not have. AssemblyScript; `pnpm kernels:build` compiles it
// into src/chunk/xor-decoder.wasm.ts. src/chunk/xor.ts has the same decoder in TypeScript, for chunks that do not fit.
//
// Memory, in bytes. The caller writes a chunk at INPUT and finds samples at TIMES and VALUES. Nothing is read beyond
// INPUT + 19 · count + 64, whatever the chunk says: with 4,096 samples at most that is inside the memory.
//
//     0       times    4,096 × f64
//     32768   values   4,096 × f64 bits
//     65536   chunk

const VALUES: usize = 32768;
const CHUNK: usize = 65536;

/** 64 bits from bit `at` on. */
@inline function word(at: u32): u64 {
  const used: u64 = at & 7;
  const high = bswap<u64>(load<u64>(at >> 3, CHUNK)) << used;
  return high | (<u64>load<u8>(at >> 3, CHUNK + 8) >> (8 - used));
}

/** 57 bits at least from bit `at` on, then zeros. */
@inline function peek(at: u32): u64 {
  return bswap<u64>(load<u64>(at >> 3, CHUNK)) << <u64>(at & 7);
}

/** A k-bit delta of delta at the top of `bits`; the lowest negative number stands for its positive. */
@inline function narrow(bits: u64, k: u64): i64 {
  const value = <i64>bits >> (64 - k);
  const half: i64 = 1 << (k - 1);
  return value == -half ? half : value;
}

/** Where decode() stopped reading. */
let stopped: u32 = 0;

/** The bit behind the last one that decode() took. */
export function end(): u32 {
  return stopped;
}

/** Decodes `count` samples, keeps those with first ≤ t ≤ last (both within ± 2^53) and returns their number. */
export function decode(count: i32, first: f64, last: f64): i32 {
  const minTime = <i64>first;
  const maxTime = <i64>last;
  let byte: u64 = 0;
  let zigzag: u64 = 0;
  let from: usize = CHUNK + 2;
  let scale: u64 = 0;
  do {
    byte = load<u8>(from++);
    zigzag |= (byte & 127) << scale;
    scale += 7;
  } while (byte >= 128 && scale < 70);
  let time = <i64>(zigzag >> 1) ^ -<i64>(zigzag & 1);
  let value = bswap<u64>(load<u64>(from));
  let at = <u32>((from + 8 - CHUNK) << 3);
  let delta: i64 = 0;
  let shift: u64 = 0;
  let width: u64 = 0;
  let out: usize = 0;
  for (let i = 0; time <= maxTime; ) {
    if (time >= minTime) {
      store<f64>(out, <f64>time);
      store<u64>(out, value, VALUES);
      out += 8;
    }
    if (++i >= count) break;
    let bits = peek(at);
    if (i == 1) {
      let unsigned: u64 = 0;
      scale = 0;
      do {
        byte = peek(at) >> 56;
        unsigned |= (byte & 127) << scale;
        scale += 7;
        at += 8;
      } while (byte >= 128 && scale < 70);
      delta = <i64>unsigned;
      bits = peek(at);
    } else if (<i64>bits >= 0) {
      if (bits >> 56 == 0) {
        // Two zeros a sample that comes on time with the value before; behind the 57 bits are zeros that say nothing.
        let same = min<i32>(<i32>min<u64>(clz(bits), 56) >> 1, count - i);
        at += 2 * same;
        i += same - 1;
        for (; same > 1; same--) {
          time += delta;
          if (time > maxTime) {
            stopped = at;
            return <i32>(out >> 3);
          }
          if (time < minTime) continue;
          store<f64>(out, <f64>time);
          store<u64>(out, value, VALUES);
          out += 8;
        }
        time += delta;
        continue;
      }
      bits <<= 1;
      at += 1;
    } else {
      if (bits >> 62 == 0b10) {
        delta += narrow(bits << 2, 14);
        at += 16;
      } else if (bits >> 61 == 0b110) {
        delta += narrow(bits << 3, 17);
        at += 20;
      } else if (bits >> 60 == 0b1110) {
        delta += narrow(bits << 4, 20);
        at += 24;
      } else {
        delta += <i64>word(at + 4);
        at += 68;
      }
      bits = peek(at);
    }
    time += delta;
    if (<i64>bits >= 0) {
      at += 1;
      continue;
    }
    if (bits >> 62 == 0b10) {
      bits <<= 2;
      at += 2;
    } else {
      width = (bits >> 51) & 63;
      if (width == 0) width = 64;
      shift = 64 - width - ((bits >> 57) & 31);
      bits <<= 13;
      at += 13;
    }
    // Of the bits peeked 57 - 1 - 13 are left in the worst case.
    if (width > 43) bits = word(at);
    value ^= (bits >> (64 - width)) << shift;
    at += <u32>width;
  }
  stopped = at;
  return <i32>(out >> 3);
}
