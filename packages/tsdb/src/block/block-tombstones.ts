import { join } from "node:path";
import { ByteWriter, crc32c, Cursor, DecodeError } from "@narthex/bytes";
import { runStepByStep, runToEnd, type Steps } from "@narthex/runtime";
import { exists, type Files } from "../files.ts";
import { addInterval, type DeletedInterval } from "../chunk/deleted-interval.ts";
import { BlockError } from "./block-error.ts";
import { replaceFile, replaceFileLater } from "./replace-file.ts";

export type { DeletedInterval };

/**
 * Deleted time intervals of a block, by series reference. The intervals of a series are sorted by time and do not
 * overlap or touch.
 */
export type BlockTombstones = ReadonlyMap<number, readonly DeletedInterval[]>;

export const TOMBSTONES_FILE = "tombstones";
const MAGIC = 0x0130ba30;
const VERSION = 1;
const HEADER_BYTES = 5;
/** Number of series whose tombstones are encoded in one step, between two yields to other work. */
const SERIES_PER_STEP = 4096;

/** Reads a block's tombstones; empty if there is no file. Throws BlockError. */
export function readBlockTombstones(dir: string, files: Files): BlockTombstones {
  const path = join(dir, TOMBSTONES_FILE);
  if (!exists(files, path)) return new Map();
  let offset = 0;
  try {
    return decode(files.readWhole(path), (at, reason) => {
      offset = at;
      throw new BlockError(path, at, reason);
    });
  } catch (cause) {
    if (cause instanceof BlockError) throw cause;
    if (cause instanceof DecodeError) offset = cause.offset;
    throw new BlockError(path, offset, cause instanceof Error ? cause.message : String(cause), cause);
  }
}

function decode(bytes: Uint8Array, fail: (at: number, reason: string) => never): BlockTombstones {
  if (bytes.length < HEADER_BYTES + 4) fail(0, `the file has ${bytes.length} bytes`);
  const cursor = new Cursor(bytes, 0, bytes.length);
  const magic = cursor.u32();
  if (magic !== MAGIC) fail(0, `invalid magic number ${magic.toString(16)}`);
  const version = cursor.u8();
  if (version !== VERSION) fail(4, `invalid tombstone format ${version}`);
  const end = bytes.length - 4;
  const expected = new Cursor(bytes, end).u32();
  const found = crc32c(bytes, HEADER_BYTES, end);
  if (expected !== found) fail(end, `checksum ${expected.toString(16)}, but the content has ${found.toString(16)}`);
  cursor.end = end;
  const tombstones = new Map<number, readonly DeletedInterval[]>();
  while (cursor.rest > 0) {
    const ref = cursor.uvarint();
    const interval = { minTime: cursor.varint(), maxTime: cursor.varint() };
    tombstones.set(ref, addInterval(tombstones.get(ref) ?? [], interval));
  }
  return tombstones;
}

/** Writes the tombstones file of a new block, which has no deletions. */
export function writeNoTombstones(dir: string, files: Files): void {
  replaceFile(join(dir, TOMBSTONES_FILE), runToEnd(encode(new Map())), files);
}

/**
 * Returns the keys of a map in ascending order, in several steps so that the caller can yield. Keys that are already in
 * ascending order, as in most maps, are not sorted.
 */
function* risingKeys(map: ReadonlyMap<number, unknown>): Steps<Float64Array> {
  const keys = new Float64Array(map.size);
  let count = 0;
  let isRising = true;
  for (const key of map.keys()) {
    if (count > 0 && key < keys[count - 1]!) isRising = false;
    keys[count++] = key;
    if (count % SERIES_PER_STEP === 0) yield;
  }
  return isRising ? keys : keys.sort();
}

/** Replaces a block's tombstones file. Yields to other work every few milliseconds. Throws the system's error. */
export async function replaceTombstones(dir: string, tombstones: BlockTombstones, files: Files): Promise<void> {
  await replaceFileLater(join(dir, TOMBSTONES_FILE), await runStepByStep(encode(tombstones)), files);
}

function* encode(tombstones: BlockTombstones): Steps<Uint8Array> {
  const out = new ByteWriter();
  out.u32(MAGIC);
  out.u8(VERSION);
  const refs = yield* risingKeys(tombstones);
  for (const [i, ref] of refs.entries()) {
    if (i % SERIES_PER_STEP === SERIES_PER_STEP - 1) yield;
    for (const { minTime, maxTime } of tombstones.get(ref)!) {
      out.uvarint(ref);
      out.varint(minTime);
      out.varint(maxTime);
    }
  }
  out.u32(crc32c(out.written, HEADER_BYTES));
  return out.written;
}
