// Writes samples as the query API's JSON has them, `[1.5,"0.25"]`, with 64-bit words, which JavaScript does not have.
// AssemblyScript; `pnpm kernels:build` compiles it into src/sample-writer.wasm.ts.
//
// The shortest decimal that reads back as the same double is found as R. Giulietti, "The Schubfach way to render doubles"
// (2021), section 9, describes it.
//
// Memory, in bytes. The caller fills POWERS once, the others before a call, and finds the text at OUT.
//
//     0       powers   617 × 2 u64: g(k) for k = -324 … 292, its upper and its lower 63 bits
//     16384   values   2,048 × f64
//     32768   present  2,048 × u8, 1 where there is a sample
//     36864   ends     2,049 × u32: sample i begins with bytes ends[i] … ends[i + 1] of `times`, ends[0] = `base`
//     49152   times    `,[1.5,"`, at most 24 bytes each
//     98560   digits   scratch
//     98816   out      2,048 × 56 bytes at most

const POWERS: usize = 0;
const VALUES: usize = 16384;
const PRESENT: usize = 32768;
const ENDS: usize = 36864;
const TIMES: usize = 49152;
const DIGITS_END: usize = 98592;
const OUT: usize = 98816;

const MASK_63: u64 = 0x7fffffffffffffff;
const IMPLICIT_BIT: u64 = 1 << 52;

/** The upper half of a product. */
@inline function high(a: u64, b: u64): u64 {
  const a0 = a & 0xffffffff;
  const a1 = a >> 32;
  const b0 = b & 0xffffffff;
  const b1 = b >> 32;
  const middle = a1 * b0 + ((a0 * b0) >> 32);
  return a1 * b1 + (middle >> 32) + ((a0 * b1 + (middle & 0xffffffff)) >> 32);
}

/** g · cp / 2^127, its last bit set where the quotient is not exact. */
@inline function roundedToOdd(upper: u64, lower: u64, cp: u64): u64 {
  const z = ((upper * cp) >> 1) + high(lower, cp);
  const w = high(upper, cp) + (z >> 63);
  return w | (((z & MASK_63) + MASK_63) >> 63);
}

/** Digits of `whole`, the last at DIGITS_END - 1; answers where the first is. */
@inline function digitsOf(whole: u64): usize {
  let at = DIGITS_END;
  let rest = whole;
  if (rest >= 1000000000) {
    const upper = rest / 1000000000;
    let lower = <u32>(rest - upper * 1000000000);
    for (let i = 0; i < 9; i++) {
      const next = lower / 10;
      store<u8>(--at, <u8>(48 + lower - next * 10));
      lower = next;
    }
    rest = upper;
    if (rest >= 1000000000) {
      const top = rest / 1000000000;
      lower = <u32>(rest - top * 1000000000);
      for (let i = 0; i < 9; i++) {
        const next = lower / 10;
        store<u8>(--at, <u8>(48 + lower - next * 10));
        lower = next;
      }
      rest = top;
    }
  }
  let small = <u32>rest;
  if (small > 0 || at == DIGITS_END) {
    do {
      const next = small / 10;
      store<u8>(--at, <u8>(48 + small - next * 10));
      small = next;
    } while (small > 0);
  }
  return at;
}

/** At most 24 bytes, of which `count` matter. */
@inline function copy24(to: usize, from: usize): void {
  store<u64>(to, load<u64>(from));
  store<u64>(to, load<u64>(from, 8), 8);
  store<u64>(to, load<u64>(from, 16), 16);
}

/** 0.d1d2d3… × 10^point, plain between 1e-6 and 1e21, else with an exponent. Answers where it ends. */
function decimal(out: usize, first: usize, last: usize, point: i32): usize {
  const count = <i32>(last - first);
  if (point < -5 || point > 21) return exponential(out, first, count, point - 1);
  if (point <= 0) {
    store<u16>(out, 0x2e30); // 0.
    out += 2;
    for (let i = point; i < 0; i++) store<u8>(out++, 48);
    copy24(out, first);
    return out + count;
  }
  if (point >= count) {
    copy24(out, first);
    for (let i = count; i < point; i++) store<u8>(out + i, 48);
    return out + point;
  }
  copy24(out, first);
  copy24(out + point + 1, first + point);
  store<u8>(out + point, 46); // .
  return out + count + 1;
}

function exponential(out: usize, first: usize, count: i32, exponent: i32): usize {
  store<u8>(out++, load<u8>(first));
  if (count > 1) {
    store<u8>(out++, 46); // .
    copy24(out, first + 1);
    out += count - 1;
  }
  store<u16>(out, exponent < 0 ? 0x2d65 : 0x2b65); // e- e+
  out += 2;
  let size = exponent < 0 ? -exponent : exponent;
  if (size >= 100) {
    store<u8>(out++, <u8>(48 + size / 100));
    size %= 100;
  }
  store<u8>(out, <u8>(48 + size / 10));
  store<u8>(out + 1, <u8>(48 + (size % 10)));
  return out + 2;
}

/** Writes a double as its shortest decimal and answers where it ends. */
function number(out: usize, bits: u64): usize {
  const exponent = <i32>((bits >> 52) & 0x7ff);
  const fraction = bits & (IMPLICIT_BIT - 1);
  if (exponent == 0x7ff) {
    if (fraction != 0) {
      store<u32>(out, 0x4e614e); // NaN
      return out + 3;
    }
    store<u32>(out, <i64>bits < 0 ? 0x666e492d : 0x666e492b); // -Inf +Inf
    return out + 4;
  }
  if (<i64>bits < 0) store<u8>(out++, 45); // -
  if (exponent == 0) {
    if (fraction != 0) return fractional(out, fraction, -1074, false);
    store<u8>(out, 48); // 0
    return out + 1;
  }
  const c = fraction | IMPLICIT_BIT;
  const q = exponent - 1075;
  if (q <= 0 && q > -53) {
    const whole = c >> -q;
    if (whole << -q == c) {
      const first = digitsOf(whole);
      copy24(out, first);
      return out + (DIGITS_END - first);
    }
  }
  return fractional(out, c, q, fraction == 0 && exponent > 1);
}

/** Of c · 2^q; `irregular`: its lower neighbour is half as far away as the upper one. */
function fractional(out: usize, c: u64, q: i32, irregular: bool): usize {
  const odd = c & 1;
  const cb = c << 2;
  const scaled = <i64>q * 661971961083 - (irregular ? 274743187321 : 0);
  const k = <i32>(scaled >> 41);
  const h = <u64>(q + <i32>((<i64>-k * 913124641741) >> 38) + 2);
  const power = POWERS + (<usize>(k + 324) << 4);
  const upper = load<u64>(power);
  const lower = load<u64>(power, 8);
  const middle = roundedToOdd(upper, lower, cb << h);
  const left = roundedToOdd(upper, lower, (cb - (irregular ? 1 : 2)) << h) + odd;
  const right = roundedToOdd(upper, lower, (cb + 2) << h) - odd;
  const s = middle >> 2;
  const tens = (s / 10) * 10;
  const isLower = s >= 10 && left <= tens << 2;
  const isUpper = s >= 10 && (tens + 10) << 2 <= right;
  let found: u64;
  if (isLower != isUpper) found = isLower ? tens : tens + 10;
  else {
    const t = s + 1;
    const lowerFits = left <= s << 2;
    const upperFits = t << 2 <= right;
    if (lowerFits != upperFits) found = lowerFits ? s : t;
    else {
      const twice = <i64>(middle - ((s + t) << 1));
      found = twice < 0 || (twice == 0 && (s & 1) == 0) ? s : t;
    }
  }
  const first = digitsOf(found);
  const point = <i32>(DIGITS_END - first) + k;
  let last = DIGITS_END;
  while (load<u8>(last - 1) == 48) last--;
  return decimal(out, first, last, point);
}

/** Writes the first of `values`; answers how many bytes. */
export function value(): i32 {
  return <i32>(number(OUT, load<u64>(VALUES)) - OUT);
}

/** Writes those of the first `count` samples that are present, without the first `skip` bytes; answers how many bytes. */
export function samples(count: i32, base: u32, skip: i32): i32 {
  let out = OUT;
  let previous: u64 = 0;
  let previousAt: usize = 0;
  let previousLength: usize = 0;
  for (let i = 0; i < count; i++) {
    if (load<u8>(PRESENT + i) != 1) continue;
    const ends = ENDS + (<usize>i << 2);
    const from = load<u32>(ends) + skip;
    copy24(out, TIMES + from - base);
    out += load<u32>(ends, 4) - from;
    skip = 0;
    const bits = load<u64>(VALUES + (<usize>i << 3));
    if (bits == previous && previousLength > 0) {
      copy24(out, previousAt);
      store<u16>(out, load<u16>(previousAt, 24), 24);
      out += previousLength;
    } else {
      previous = bits;
      previousAt = out;
      out = number(out, bits);
      previousLength = out - previousAt;
    }
    store<u16>(out, 0x5d22); // "]
    out += 2;
  }
  return <i32>(out - OUT);
}
