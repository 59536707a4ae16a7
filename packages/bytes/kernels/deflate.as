// Compresses bytes as RFC 1951 says: matches of six bytes and more, found by a table of the last place of each hash, and
// codes made for each block. AssemblyScript; `pnpm kernels:build` compiles it into src/deflate.wasm.ts.
//
// Memory, in bytes. The caller calls open() once, writes up to 32,768 bytes of text at BLOCK before each block(), and finds
// what came of them at OUT.
//
//     0       hash      8,192 × u32: where a hash was seen last
//     32768   history   the 32,768 bytes before the block
//     65536   block     32,768 bytes, and some that are read beyond its end
//     98432   runs      6,144 × (u16 literals, u16 length, u32 distance)
//     147584  out       32,768 bytes and what a stored block has beside them
//     180480  tables    see below

const HASH: usize = 0;
const HASH_BITS: u64 = 13;
const HISTORY: usize = 32768;
const BLOCK: usize = 65536;
const WINDOW: u32 = 32768;
const RUNS: usize = 98432;
const OUT: usize = 147584;

/** How often each literal or length, each distance and each length of a code comes, u32 each. */
const LITERAL_COUNTS: usize = 180480;
const DISTANCE_COUNTS: usize = 181632;
const LENGTH_COUNTS: usize = 181760;
/** Their codes, the first bit lowest, with the code's length in the upper half, u32 each. */
const LITERAL_CODES: usize = 181888;
const DISTANCE_CODES: usize = 183040;
const LENGTH_CODES: usize = 183168;
/** Lengths of codes, u8 each: those of literals and distances follow each other when they are written. */
const LITERAL_LENGTHS: usize = 183296;
const DISTANCE_LENGTHS: usize = 183584;
const LENGTH_LENGTHS: usize = 183616;
/** By length of a match, from 3 on: its symbol less 257, u8. By that: the first length of it, u16, and how many bits follow, u8. */
const MATCH_SYMBOLS: usize = 183648;
const MATCH_BASES: usize = 183904;
const MATCH_BITS: usize = 183968;
/** Scratch: weights and symbols in their order, u32 each; codes by length, u32 each; lengths of codes as they are written, u16 each. */
const WEIGHTS: usize = 184000;
const SORTED: usize = 185152;
const BY_LENGTH: usize = 186304;
const WRITTEN: usize = 186432;
/** In which order lengths of the codes for lengths are written, u8 each. */
const ORDER: usize = 187072;

/** Of which the last two only stand in the codes that need not be told. */
const LITERALS: i32 = 288;
const DISTANCES: i32 = 30;
const LENGTHS: i32 = 19;
const END_OF_BLOCK: usize = 256;
const LONGEST_CODE: i32 = 15;
const LONGEST_LENGTH_CODE: i32 = 7;
const LEAST_MATCH: u32 = 6;
const LONGEST_MATCH: u32 = 258;
const PRIME: u64 = 0x9e3779b185ebca87;

/** Number of the block's first byte among all there were. */
let origin: u32 = 0;
/** Bits that are not written yet, and how many. */
let bits: u64 = 0;
let bitCount: u64 = 0;
let out: usize = OUT;
let runs: i32 = 0;
/** Bits that follow the symbols of lengths and distances. */
let extraBits: u32 = 0;
/** Lengths of codes as they are written, and the bits that follow their symbols. */
let writtenCount: i32 = 0;
let writtenBits: u32 = 0;

/** Fills the tables. */
export function open(): void {
  origin = WINDOW << 1;
  let length: u32 = 3;
  for (let symbol: usize = 0; symbol < 28; symbol++) {
    const extra = symbol < 8 ? 0 : <u32>(symbol >> 2) - 1;
    store<u16>(MATCH_BASES + (symbol << 1), <u16>length);
    store<u8>(MATCH_BITS + symbol, <u8>extra);
    for (let i: u32 = 0; i < 1 << extra && length < 259; i++) store<u8>(MATCH_SYMBOLS + (length++ - 3), <u8>symbol);
  }
  // The longest has a symbol of its own.
  store<u8>(MATCH_SYMBOLS + 255, 28);
  store<u16>(MATCH_BASES + 56, 258);
  store<u8>(MATCH_BITS + 28, 0);
  store<u64>(ORDER, 0x0609070800121110);
  store<u64>(ORDER, 0x020d030c040b050a, 8);
  store<u32>(ORDER, 0x0f010e, 16);
}

/**
 * Compresses the block's first `length` bytes. `first`: they follow nothing; `last`: what is written ends at a whole byte.
 * Answers how many bytes are at OUT.
 */
export function block(length: i32, first: bool, last: bool): i32 {
  out = OUT;
  if (first) {
    bits = 0;
    bitCount = 0;
    // Whatever the table knows is too far away.
    origin += WINDOW + 1;
    if (origin > 0x7fffffff) {
      memory.fill(HASH, 0, HISTORY - HASH);
      origin = WINDOW << 1;
    }
  }
  if (length > 0) {
    memory.fill(LITERAL_COUNTS, 0, LITERAL_CODES - LITERAL_COUNTS);
    const end = BLOCK + <usize>length;
    const rest = findRuns(end);
    countLiterals(rest, end);
    store<u32>(LITERAL_COUNTS + (END_OF_BLOCK << 2), 1);
    writeBlock(rest, end);
    origin += <u32>length;
    if (!last) memory.copy(HISTORY, HISTORY + <usize>length, WINDOW);
  }
  if (last) align();
  return <i32>(out - OUT);
}

/** Notes literals and the match behind them; answers where the literals begin that no match follows. */
function findRuns(end: usize): usize {
  let anchor: usize = BLOCK;
  let at: usize = BLOCK;
  const stop = end - 8;
  runs = 0;
  extraBits = 0;
  while (at <= stop) {
    const found = load<u64>(at) << 16;
    const slot = HASH + (<usize>((found * PRIME) >> (64 - HASH_BITS)) << 2);
    const position = origin + <u32>(at - BLOCK);
    const distance = position - load<u32>(slot);
    store<u32>(slot, position);
    if (distance > WINDOW || load<u64>(at - distance) << 16 != found) {
      at++;
      continue;
    }
    const length = matchLength(at, at - distance, end);
    countLiterals(anchor, at);
    noteRun(<u32>(at - anchor), length, distance);
    at += length;
    anchor = at;
  }
  return anchor;
}

/** Bytes that are the same at both places, the first six of which are. */
@inline function matchLength(at: usize, from: usize, end: usize): u32 {
  const most = min<u32>(LONGEST_MATCH, <u32>(end - at));
  let length = LEAST_MATCH;
  while (length + 8 <= most) {
    const differing = load<u64>(at + length) ^ load<u64>(from + length);
    if (differing != 0) return length + <u32>(ctz(differing) >> 3);
    length += 8;
  }
  while (length < most && load<u8>(at + length) == load<u8>(from + length)) length++;
  return length;
}

@inline function countLiterals(from: usize, to: usize): void {
  for (let at = from; at < to; at++) {
    const slot = LITERAL_COUNTS + (<usize>load<u8>(at) << 2);
    store<u32>(slot, load<u32>(slot) + 1);
  }
}

@inline function noteRun(literals: u32, length: u32, distance: u32): void {
  const run = RUNS + (<usize>(runs++) << 3);
  store<u16>(run, <u16>literals);
  store<u16>(run, <u16>length, 2);
  store<u32>(run, distance, 4);
  const symbol = <usize>load<u8>(MATCH_SYMBOLS + (length - 3));
  const slot = LITERAL_COUNTS + ((symbol + 257) << 2);
  store<u32>(slot, load<u32>(slot) + 1);
  const ofDistance = distanceSymbol(distance);
  const counted = DISTANCE_COUNTS + (<usize>ofDistance << 2);
  store<u32>(counted, load<u32>(counted) + 1);
  extraBits += load<u8>(MATCH_BITS + symbol) + distanceBits(ofDistance);
}

@inline function distanceSymbol(distance: u32): u32 {
  const less = distance - 1;
  if (less < 4) return less;
  const log = 31 - clz(less);
  return (log << 1) + ((less >> (log - 1)) & 1);
}

@inline function distanceBits(symbol: u32): u32 {
  return symbol < 4 ? 0 : (symbol >> 1) - 1;
}

@inline function put(value: u64, count: u64): void {
  bits |= value << bitCount;
  bitCount += count;
}

/** Writes whole bytes; up to seven bits are left. */
@inline function flush(): void {
  store<u64>(out, bits);
  out += <usize>(bitCount >> 3);
  bits >>= bitCount & 56;
  bitCount &= 7;
}

/** An empty stored block: it begins at a whole byte. */
function align(): void {
  put(0, 3);
  flush();
  if (bitCount > 0) put(0, 8 - bitCount);
  flush();
  store<u32>(out, 0xffff0000);
  out += 4;
}

/** In the form that takes the fewest bits. */
function writeBlock(rest: usize, end: usize): void {
  lengthsOf(LITERAL_COUNTS, LITERALS, LONGEST_CODE, LITERAL_LENGTHS);
  lengthsOf(DISTANCE_COUNTS, DISTANCES, LONGEST_CODE, DISTANCE_LENGTHS);
  const literals = used(LITERAL_LENGTHS, LITERALS, 257);
  const distances = used(DISTANCE_LENGTHS, DISTANCES, 1);
  countLengths(literals, distances);
  lengthsOf(LENGTH_COUNTS, LENGTHS, LONGEST_LENGTH_CODE, LENGTH_LENGTHS);
  let orders = LENGTHS;
  while (orders > 4 && load<u8>(LENGTH_LENGTHS + load<u8>(ORDER + orders - 1)) == 0) orders--;
  const dynamic: u32 = 17 + 3 * <u32>orders + writtenBits + sizeOf(LENGTH_COUNTS, LENGTH_LENGTHS, LENGTHS)
    + sizeOf(LITERAL_COUNTS, LITERAL_LENGTHS, LITERALS) + sizeOf(DISTANCE_COUNTS, DISTANCE_LENGTHS, DISTANCES) + extraBits;
  const fixed: u32 = fixedSize() + extraBits;
  const stored: u32 = (<u32>(end - BLOCK) << 3) + 42;
  if (stored <= min<u32>(dynamic, fixed)) {
    writeStored(end);
    return;
  }
  if (fixed <= dynamic) {
    put(2, 3);
    useFixedLengths();
  } else {
    put(4, 3);
    writeLengths(literals, distances, orders);
  }
  flush();
  codesOf(LITERAL_LENGTHS, LITERALS, LITERAL_CODES);
  codesOf(DISTANCE_LENGTHS, DISTANCES, DISTANCE_CODES);
  writeRuns(rest, end);
}

function writeStored(end: usize): void {
  const length = <u32>(end - BLOCK);
  put(0, 3);
  flush();
  if (bitCount > 0) put(0, 8 - bitCount);
  flush();
  store<u32>(out, length | ((length ^ 0xffff) << 16));
  memory.copy(out + 4, BLOCK, <usize>length);
  out += 4 + <usize>length;
}

/** Symbols up to the last that has a code, at least `least`. */
function used(lengths: usize, count: i32, least: i32): i32 {
  let last = count;
  while (last > least && load<u8>(lengths + last - 1) == 0) last--;
  return last;
}

/** Bits of all symbols that are counted. */
function sizeOf(counts: usize, lengths: usize, count: i32): u32 {
  let size: u32 = 0;
  for (let symbol = 0; symbol < count; symbol++)
    size += load<u32>(counts + (<usize>symbol << 2)) * <u32>load<u8>(lengths + symbol);
  return size;
}

@inline function fixedLength(symbol: i32): u32 {
  return symbol < 144 ? 8 : symbol < 256 ? 9 : symbol < 280 ? 7 : 8;
}

/** The block's size, but for what follows symbols, with codes that need not be told. */
function fixedSize(): u32 {
  let size: u32 = 3;
  for (let symbol = 0; symbol < LITERALS; symbol++)
    size += load<u32>(LITERAL_COUNTS + (<usize>symbol << 2)) * fixedLength(symbol);
  return size + 5 * <u32>runs;
}

function useFixedLengths(): void {
  for (let symbol = 0; symbol < LITERALS; symbol++) store<u8>(LITERAL_LENGTHS + symbol, <u8>fixedLength(symbol));
  memory.fill(DISTANCE_LENGTHS, 5, DISTANCES);
}

/**
 * Lengths of codes for symbols that come so often: A. Moffat and J. Katajainen, "In-place calculation of minimum-redundancy
 * codes" (1995). Two symbols have one at least.
 */
function lengthsOf(counts: usize, count: i32, longest: i32, lengths: usize): void {
  let found = 0;
  for (let symbol = 0; symbol < count; symbol++) {
    const times = load<u32>(counts + (<usize>symbol << 2));
    if (times > 0) store<u32>(SORTED + (<usize>(found++) << 2), (times << 9) | symbol);
  }
  for (let symbol = 0; found < 2; symbol++) {
    if (load<u32>(counts + (<usize>symbol << 2)) == 0) store<u32>(SORTED + (<usize>(found++) << 2), symbol);
  }
  memory.fill(lengths, 0, count);
  sort(found);
  for (let i = 0; i < found; i++) setWeight(i, load<u32>(SORTED + (<usize>i << 2)) >> 9);
  minimize(found);
  memory.fill(BY_LENGTH, 0, 128);
  for (let i = 0; i < found; i++) addTo(min<u32>(weight(i), longest), 1);
  shorten(longest);
  // The rarest have the longest.
  let next: usize = SORTED;
  for (let length = longest; length > 0; length--) {
    for (let i = load<u32>(BY_LENGTH + (<usize>length << 2)); i > 0; i--) {
      store<u8>(lengths + (load<u32>(next) & 511), <u8>length);
      next += 4;
    }
  }
}

@inline function weight(index: i32): u32 {
  return load<u32>(WEIGHTS + (<usize>index << 2));
}

@inline function setWeight(index: i32, value: u32): void {
  store<u32>(WEIGHTS + (<usize>index << 2), value);
}

@inline function addTo(length: u32, codes: i32): void {
  const slot = BY_LENGTH + (<usize>length << 2);
  store<u32>(slot, load<u32>(slot) + codes);
}

/** Sorts the first `count` of SORTED by distances that shrink. */
function sort(count: i32): void {
  for (let gap = 40; gap > 0; gap = gap == 40 ? 13 : gap == 13 ? 4 : gap == 4 ? 1 : 0) {
    for (let i = gap; i < count; i++) {
      const key = load<u32>(SORTED + (<usize>i << 2));
      let at = i;
      for (; at >= gap; at -= gap) {
        const before = load<u32>(SORTED + (<usize>(at - gap) << 2));
        if (before <= key) break;
        store<u32>(SORTED + (<usize>at << 2), before);
      }
      store<u32>(SORTED + (<usize>at << 2), key);
    }
  }
}

/** Makes weights, the smallest first, lengths of codes. */
function minimize(count: i32): void {
  setWeight(0, weight(0) + weight(1));
  let root = 0;
  let leaf = 2;
  for (let next = 1; next < count - 1; next++) {
    let sum: u32;
    if (leaf >= count || weight(root) < weight(leaf)) {
      sum = weight(root);
      setWeight(root++, next);
    } else sum = weight(leaf++);
    if (leaf >= count || (root < next && weight(root) < weight(leaf))) {
      sum += weight(root);
      setWeight(root++, next);
    } else sum += weight(leaf++);
    setWeight(next, sum);
  }
  setWeight(count - 2, 0);
  for (let next = count - 3; next >= 0; next--) setWeight(next, weight(weight(next)) + 1);
  let open = 1;
  let inner = 0;
  let depth: u32 = 0;
  root = count - 2;
  for (let next = count - 1; open > 0; depth++) {
    for (; root >= 0 && weight(root) == depth; root--) inner++;
    for (; open > inner; open--) setWeight(next--, depth);
    open = inner << 1;
    inner = 0;
  }
}

/** Codes that had to be cut to the longest length are more than there is room for: others get longer until all fit. */
function shorten(longest: i32): void {
  let total: u32 = 0;
  for (let length = 1; length <= longest; length++)
    total += load<u32>(BY_LENGTH + (<usize>length << 2)) << <u32>(longest - length);
  for (; total > <u32>1 << longest; total--) {
    addTo(longest, -1);
    let length = longest - 1;
    while (load<u32>(BY_LENGTH + (<usize>length << 2)) == 0) length--;
    addTo(length, -1);
    addTo(length + 1, 2);
  }
}

/** Codes of these lengths, in the order of their symbols. */
function codesOf(lengths: usize, count: i32, codes: usize): void {
  memory.fill(BY_LENGTH, 0, 128);
  for (let symbol = 0; symbol < count; symbol++) addTo(load<u8>(lengths + symbol), 1);
  store<u32>(BY_LENGTH, 0);
  // In place: how many codes there are of a length becomes the first of them.
  let code: u32 = 0;
  let before: u32 = 0;
  for (let length = 1; length <= LONGEST_CODE; length++) {
    code = (code + before) << 1;
    before = load<u32>(BY_LENGTH + (<usize>length << 2));
    store<u32>(BY_LENGTH + (<usize>length << 2), code);
  }
  for (let symbol = 0; symbol < count; symbol++) {
    const length = <u32>load<u8>(lengths + symbol);
    if (length == 0) continue;
    const slot = BY_LENGTH + (<usize>length << 2);
    const own = load<u32>(slot);
    store<u32>(slot, own + 1);
    store<u32>(codes + (<usize>symbol << 2), (reversed(own) >> (32 - length)) | (length << 16));
  }
}

function reversed(value: u32): u32 {
  let v = ((value >> 1) & 0x55555555) | ((value & 0x55555555) << 1);
  v = ((v >> 2) & 0x33333333) | ((v & 0x33333333) << 2);
  v = ((v >> 4) & 0x0f0f0f0f) | ((v & 0x0f0f0f0f) << 4);
  return bswap(v);
}

@inline function codeLength(index: i32, literals: i32): u8 {
  return index < literals ? load<u8>(LITERAL_LENGTHS + index) : load<u8>(DISTANCE_LENGTHS + index - literals);
}

/** Lays out how lengths of codes are written, the same ones in a row as one, and counts the symbols of that. */
function countLengths(literals: i32, distances: i32): void {
  const count = literals + distances;
  writtenCount = 0;
  writtenBits = 0;
  for (let i = 0; i < count;) {
    const length = codeLength(i, literals);
    let same = 1;
    while (i + same < count && codeLength(i + same, literals) == length) same++;
    i += same;
    if (length == 0) {
      for (; same >= 11; same -= min(same, 138)) noteLength(18, min(same, 138) - 11, 7);
      if (same >= 3) {
        noteLength(17, same - 3, 3);
        same = 0;
      }
    } else if (same >= 4) {
      noteLength(length, 0, 0);
      for (same--; same >= 3; same -= min(same, 6)) noteLength(16, min(same, 6) - 3, 2);
    }
    for (; same > 0; same--) noteLength(length, 0, 0);
  }
}

@inline function noteLength(symbol: u32, more: i32, count: u32): void {
  store<u16>(WRITTEN + (<usize>(writtenCount++) << 1), <u16>(symbol | (more << 8)));
  const slot = LENGTH_COUNTS + (<usize>symbol << 2);
  store<u32>(slot, load<u32>(slot) + 1);
  writtenBits += count;
}

function writeLengths(literals: i32, distances: i32, orders: i32): void {
  put(literals - 257, 5);
  put(distances - 1, 5);
  put(orders - 4, 4);
  flush();
  for (let i = 0; i < orders; i++) {
    put(load<u8>(LENGTH_LENGTHS + load<u8>(ORDER + i)), 3);
    flush();
  }
  codesOf(LENGTH_LENGTHS, LENGTHS, LENGTH_CODES);
  for (let i = 0; i < writtenCount; i++) {
    const written = <u32>load<u16>(WRITTEN + (<usize>i << 1));
    const symbol = written & 0xff;
    putCode(LENGTH_CODES, symbol);
    if (symbol > 15) put(written >> 8, symbol == 16 ? 2 : symbol == 17 ? 3 : 7);
    flush();
  }
}

@inline function putCode(codes: usize, symbol: usize): void {
  const code = load<u32>(codes + (symbol << 2));
  put(code & 0xffff, code >> 16);
}

function writeRuns(rest: usize, end: usize): void {
  let at: usize = BLOCK;
  for (let i = 0; i < runs; i++) {
    const run = RUNS + (<usize>i << 3);
    const length = <u32>load<u16>(run, 2);
    const to = at + load<u16>(run);
    writeLiterals(at, to);
    at = to + length;
    const symbol = <usize>load<u8>(MATCH_SYMBOLS + (length - 3));
    putCode(LITERAL_CODES, symbol + 257);
    put(length - load<u16>(MATCH_BASES + (symbol << 1)), load<u8>(MATCH_BITS + symbol));
    const distance = load<u32>(run, 4);
    const ofDistance = distanceSymbol(distance);
    putCode(DISTANCE_CODES, ofDistance);
    const count = distanceBits(ofDistance);
    put((distance - 1) & ((1 << count) - 1), count);
    flush();
  }
  writeLiterals(rest, end);
  putCode(LITERAL_CODES, END_OF_BLOCK);
  flush();
}

@inline function writeLiterals(from: usize, to: usize): void {
  let at = from;
  for (; at + 3 <= to; at += 3) {
    putCode(LITERAL_CODES, load<u8>(at));
    putCode(LITERAL_CODES, load<u8>(at, 1));
    putCode(LITERAL_CODES, load<u8>(at, 2));
    flush();
  }
  for (; at < to; at++) {
    putCode(LITERAL_CODES, load<u8>(at));
    flush();
  }
}
