// Finds out how many lines of a text exposition are those that are expected, and reads their values, sixteen bytes at a
// time. AssemblyScript; `pnpm kernels:build` compiles it into src/line-matcher.wasm.ts. What it leaves alone, the readers
// in TypeScript take: it stops at the first line that is not `<preamble><key> <number>[ <ms>]\n`.
//
// Memory, in bytes. The caller fills everything up to BODY; loads reach up to 16 bytes beyond what they look at.
//
//     0        ends of keys            u32, one more than keys
//     32832    preambles of keys       u32: 1 + number of the preamble before the key's line, 0 none
//     65664    ends of preambles       u32, one more than preambles
//     82176    values                  1,024 × f64
//     90368    times                   1,024 × f64, NaN where the line has none
//     98560    ends of lines           1,024 × u32
//     102656   lines with a preamble   1,024 × u32
//     106752   odd numbers             1,024 × (line, start, end) u32
//     119040   powers of ten           23 × f64
//     119296   counts                  u32: lines with a preamble, odd numbers, lines with a time
//     131072   keys                    196,608
//     327680   preambles               65,536
//     393216   body                    262,144

const KEY_ENDS: usize = 0;
const PREAMBLES_OF: usize = 32832;
const PREAMBLE_ENDS: usize = 65664;
const VALUES: usize = 82176;
const TIMES: usize = 90368;
const LINE_ENDS: usize = 98560;
const PREAMBLE_LINES: usize = 102656;
const ODD: usize = 106752;
const POWERS: usize = 119040;
const COUNTS: usize = 119296;
const KEYS: usize = 131072;
const PREAMBLES: usize = 327680;
const BODY: usize = 393216;

const NEWLINE: u32 = 10;
const SPACE: u32 = 32;

/** What a double holds exactly, and ten times that. */
const EXACT: u64 = 1 << 53;
const NEARLY_FULL: u64 = 900_000_000_000_000_000;

/** Are `length` bytes equal? */
@inline function same(a: usize, b: usize, length: usize): bool {
  let at: usize = 0;
  for (; at + 16 <= length; at += 16) {
    if (i8x16.bitmask(i8x16.eq(v128.load(a + at), v128.load(b + at))) != 0xffff) return false;
  }
  const rest = <u32>(length - at);
  const mask = <u32>i8x16.bitmask(i8x16.eq(v128.load(a + at), v128.load(b + at)));
  return ((~mask) & ((1 << rest) - 1)) == 0;
}

/** Where the token at `at` ends: before a blank, a brace or the line's end; no further than `end`. */
@inline function tokenEnd(at: usize, end: usize): usize {
  for (; at < end; at++) {
    const byte = <u32>load<u8>(at);
    if (byte == NEWLINE || byte == SPACE || byte == 9 || byte == 123) break;
  }
  return at;
}

/**
 * Takes lines from `from` to `to` of the body, for keys `key` … `key + count - 1`. Of the preambles those numbered
 * `firstPreamble` … `firstPreamble + preambles - 1` are there. `withTimes`: whole numbers behind values are times.
 */
export function match(
  from: u32,
  to: u32,
  key: u32,
  count: u32,
  firstPreamble: u32,
  preambles: u32,
  withTimes: bool,
): u32 {
  let at = BODY + from;
  const end = BODY + to;
  const keyStart = load<u32>(KEY_ENDS);
  const preambleStart = load<u32>(PREAMBLE_ENDS);
  let preambleLines: u32 = 0;
  let odd: u32 = 0;
  let timed: u32 = 0;
  let line: u32 = 0;
  for (; line < count; line++) {
    let next = at;
    const number = key + line;
    const preamble = load<u32>(PREAMBLES_OF + (number << 2));
    if (preamble != 0) {
      const index = preamble - 1 - firstPreamble;
      if (index >= preambles) break;
      const start = load<u32>(PREAMBLE_ENDS + (index << 2));
      const length = load<u32>(PREAMBLE_ENDS + (index << 2), 4) - start;
      if (next + length > end || !same(PREAMBLES + start - preambleStart, next, length)) break;
      next += length;
    }
    const start = load<u32>(KEY_ENDS + (number << 2));
    const length = load<u32>(KEY_ENDS + (number << 2), 4) - start;
    if (next + length + 3 > end || !same(KEYS + start - keyStart, next, length)) break;
    next += length;
    if (load<u8>(next) != SPACE) break;
    const first = next + 1;
    next = first;
    let byte = <u32>load<u8>(next);
    const negative = byte == 45;
    if (negative || byte == 43) byte = <u32>load<u8>(++next);
    let mantissa: u64 = 0;
    let power: i32 = 0;
    const digits = next;
    while (byte - 48 < 10 && mantissa < NEARLY_FULL) {
      mantissa = mantissa * 10 + (byte - 48);
      byte = <u32>load<u8>(++next);
    }
    let length2 = next - digits;
    if (byte == 46) {
      const point = next;
      byte = <u32>load<u8>(++next);
      while (byte - 48 < 10 && mantissa < NEARLY_FULL) {
        mantissa = mantissa * 10 + (byte - 48);
        byte = <u32>load<u8>(++next);
      }
      power = <i32>(point + 1) - <i32>next;
      length2 += next - point - 1;
    }
    let plain = length2 > 0;
    if ((byte | 32) == 101) {
      byte = <u32>load<u8>(++next);
      const minus = byte == 45;
      if (minus || byte == 43) byte = <u32>load<u8>(++next);
      const begin = next;
      let exponent: i32 = 0;
      while (byte - 48 < 10 && next - begin < 5) {
        exponent = exponent * 10 + (byte - 48);
        byte = <u32>load<u8>(++next);
      }
      if (next == begin || next - begin > 4) plain = false;
      power += minus ? -exponent : exponent;
    }
    let bits: u64 = 0;
    if (plain && (byte == NEWLINE || byte == SPACE) && mantissa <= EXACT && power >= -22 && power <= 22) {
      let value = <f64>mantissa;
      if (power < 0) value /= load<f64>(POWERS + (<usize>-power << 3));
      else if (power > 0) value *= load<f64>(POWERS + (<usize>power << 3));
      bits = reinterpret<u64>(negative ? -value : value);
    } else if (load<u32>(first) == 0x0a4e614e) {
      bits = 0x7ff8000000000001;
      next = first + 3;
      byte = NEWLINE;
    } else {
      next = tokenEnd(first, end);
      if (next == first || next == end) break;
      byte = <u32>load<u8>(next);
      const entry = ODD + odd * 12;
      store<u32>(entry, line);
      store<u32>(entry, <u32>(first - BODY), 4);
      store<u32>(entry, <u32>(next - BODY), 8);
      odd++;
    }
    let time: f64 = NaN;
    if (byte == SPACE && withTimes) {
      const begin = ++next;
      let ms: u64 = 0;
      byte = <u32>load<u8>(next);
      while (byte - 48 < 10 && next - begin < 16) {
        ms = ms * 10 + (byte - 48);
        byte = <u32>load<u8>(++next);
      }
      if (next == begin || next - begin > 15) byte = 0;
      time = <f64>ms;
      timed++;
    }
    // What lies behind the body is whatever was there before.
    if (byte != NEWLINE || next >= end) {
      if (odd > 0 && load<u32>(ODD + (odd - 1) * 12) == line) odd--;
      if (time == time) timed--;
      break;
    }
    at = next + 1;
    store<u64>(VALUES + (line << 3), bits);
    store<f64>(TIMES + (line << 3), time);
    store<u32>(LINE_ENDS + (line << 2), <u32>(at - BODY));
    if (preamble != 0) store<u32>(PREAMBLE_LINES + (preambleLines++ << 2), line);
  }
  store<u32>(COUNTS, preambleLines);
  store<u32>(COUNTS, odd, 4);
  store<u32>(COUNTS, timed, 8);
  return line;
}
