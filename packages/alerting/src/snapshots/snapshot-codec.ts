import { WireError, WireReader, WIRE_LENGTH, WIRE_VARINT } from "@narthex/bytes";
import { Matcher, type MatchType, PatternError } from "@narthex/model";
import type { StoredLogEntry } from "../dispatch/notification-log.ts";
import { derivedId, type Silence } from "../silences/silence.ts";

const field = (number: number, wire = WIRE_LENGTH): number => number * 8 + wire;

/** Types of matchers. The index of a type is its number in Alertmanager's snapshot files. */
export const MATCH_TYPES: readonly MatchType[] = ["=", "=~", "!=", "!~"];

/** A snapshot file of Alertmanager cannot be read. The message contains the position and the reason. */
export class SnapshotError extends Error {
  override readonly name = "SnapshotError";
}

/** Content of Alertmanager's `silences` file. */
export interface SnapshotSilences {
  readonly silences: readonly Silence[];
  /** Ids of silences that use features which Narthex does not support, with the names of these features. */
  readonly unknown: readonly { readonly id: string; readonly what: string }[];
}

/** Reads Alertmanager's `silences` file: protobuf messages, each after its length. Throws SnapshotError. */
export function readSilencesSnapshot(bytes: Uint8Array): SnapshotSilences {
  const silences: Silence[] = [];
  const unknown: { id: string; what: string }[] = [];
  forEachMessage(bytes, (reader) => {
    const { sets, receivers, ...fields } = readMeshSilence(reader);
    if (receivers > 0) unknown.push({ id: fields.id, what: "matchers of receivers" });
    else {
      try {
        for (const item of alternatives(fields, sets)) silences.push(item);
      } catch (error) {
        if (!(error instanceof PatternError)) throw error;
        unknown.push({ id: fields.id, what: `a regular expression that is not understood: ${error.message}` });
      }
    }
  });
  return { silences, unknown };
}

/** Reads Alertmanager's `nflog` file. Throws SnapshotError. */
export function readLogSnapshot(bytes: Uint8Array): readonly StoredLogEntry[] {
  const entries: StoredLogEntry[] = [];
  forEachMessage(bytes, (reader) => entries.push(readMeshEntry(reader)));
  return entries;
}

/**
 * Returns one silence for each set of matchers of a silence. In Alertmanager, a silence with several sets matches if
 * any set matches. The first silence keeps the id. Throws PatternError.
 */
const alternatives = (fields: SilenceFields, sets: readonly MatcherSet[]): readonly Silence[] =>
  (sets.length === 0 ? [fields.matchers] : sets).map((set, i) => ({
    ...fields,
    matchers: set.map(({ type, name, pattern }) => new Matcher(type, name, pattern)),
    id: i === 0 ? fields.id : derivedId(fields.id, `set ${i}`),
  }));

function forEachMessage(bytes: Uint8Array, read: (reader: WireReader) => void): void {
  const file = new WireReader(bytes);
  while (file.at < bytes.length) {
    const at = file.at;
    try {
      const end = file.range();
      read(new WireReader(bytes, file.start, end));
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      throw new SnapshotError(`message at byte ${at}: ${error.message}`, { cause: error });
    }
  }
}

/** Calls `take` with the tag of each field of a protobuf message. Skips fields for which `take` returns false. */
function eachField(reader: WireReader, message: string, take: (tag: number) => boolean): void {
  for (let tag = reader.tag(message); tag !== 0; tag = reader.tag(message)) if (!take(tag)) reader.skip(tag);
}

/** Returns a reader for the protobuf message in the current field. */
function nested(reader: WireReader): WireReader {
  const end = reader.range();
  return new WireReader(reader.bytes, reader.start, end);
}

const DECODER = new TextDecoder();

function text(reader: WireReader): string {
  const end = reader.range();
  return DECODER.decode(reader.bytes.subarray(reader.start, end));
}

/** Decodes a protobuf time to Unix ms, with a fraction down to 1 µs. */
function timestamp(reader: WireReader): number {
  const inner = nested(reader);
  let [seconds, nanos] = [0, 0];
  eachField(inner, "Timestamp", (tag) => {
    if (tag === field(1, WIRE_VARINT)) seconds = inner.int64();
    else if (tag === field(2, WIRE_VARINT)) nanos = inner.int32();
    else return false;
    return true;
  });
  return seconds * 1000 + Math.round(nanos / 1000) / 1000;
}

/** Decodes one entry of a protobuf map. Returns its key and value. */
function mapEntry<T>(reader: WireReader, empty: T, value: (reader: WireReader) => T): [string, T] {
  const inner = nested(reader);
  let [key, found] = ["", empty];
  eachField(inner, "MapEntry", (tag) => {
    if (tag === field(1)) key = text(inner);
    else if (tag === field(2)) found = value(inner);
    else return false;
    return true;
  });
  return [key, found];
}

interface MatcherFields {
  readonly type: MatchType;
  readonly name: string;
  readonly pattern: string;
}

type MatcherSet = readonly MatcherFields[];

function readMatcher(reader: WireReader): MatcherFields {
  const inner = nested(reader);
  let [type, name, pattern] = [0, "", ""];
  eachField(inner, "Matcher", (tag) => {
    if (tag === field(1, WIRE_VARINT)) type = inner.uint32();
    else if (tag === field(2)) name = text(inner);
    else if (tag === field(3)) pattern = text(inner);
    else return false;
    return true;
  });
  const known = MATCH_TYPES[type];
  if (known === undefined) throw new WireError(`Matcher: unknown type ${type}`);
  return { type: known, name, pattern };
}

function readMatcherSet(reader: WireReader): MatcherSet {
  const inner = nested(reader);
  const matchers: MatcherFields[] = [];
  eachField(inner, "MatcherSet", (tag) => tag === field(1) && matchers.push(readMatcher(inner)) > 0);
  return matchers;
}

interface SilenceFields extends Omit<Silence, "matchers"> {
  readonly matchers: MatcherSet;
}

interface ReadSilence extends SilenceFields {
  readonly sets: readonly MatcherSet[];
  readonly receivers: number;
}

function readMeshSilence(reader: WireReader): ReadSilence {
  let silence: ReadSilence | undefined;
  eachField(reader, "MeshSilence", (tag) => {
    if (tag !== field(1)) return false;
    silence = readSilence(nested(reader));
    return true;
  });
  if (silence === undefined) throw new WireError("MeshSilence: the silence is missing");
  return silence;
}

function readSilence(reader: WireReader): ReadSilence {
  const kept = { id: "", startsAt: 0, endsAt: 0, updatedAt: 0, createdBy: "", comment: "" };
  const matchers: MatcherFields[] = [];
  const sets: MatcherSet[] = [];
  const annotations: Record<string, string> = {};
  let receivers = 0;
  const takers: Readonly<Record<number, () => void>> = {
    [field(1)]: () => void (kept.id = text(reader)),
    [field(2)]: () => void matchers.push(readMatcher(reader)),
    [field(3)]: () => void (kept.startsAt = timestamp(reader)),
    [field(4)]: () => void (kept.endsAt = timestamp(reader)),
    [field(5)]: () => void (kept.updatedAt = timestamp(reader)),
    [field(7)]: () => takeOldComment(reader, kept),
    [field(8)]: () => void (kept.createdBy = text(reader)),
    [field(9)]: () => void (kept.comment = text(reader)),
    [field(10)]: () => {
      const [key, value] = mapEntry(reader, "", text);
      annotations[key] = value;
    },
    [field(11)]: () => void sets.push(readMatcherSet(reader)),
    [field(12)]: () => {
      reader.range();
      receivers++;
    },
  };
  eachField(reader, "Silence", (tag) => {
    takers[tag]?.();
    return tag in takers;
  });
  return { ...kept, matchers, annotations, sets, receivers };
}

/**
 * Decodes the comment of a file from an old Alertmanager, in which a silence has a list of comments. Only the first
 * comment is kept.
 */
function takeOldComment(reader: WireReader, kept: { createdBy: string; comment: string }): void {
  const inner = nested(reader);
  let [author, comment] = ["", ""];
  eachField(inner, "Comment", (tag) => {
    if (tag === field(1)) author = text(inner);
    else if (tag === field(2)) comment = text(inner);
    else return false;
    return true;
  });
  kept.createdBy ||= author;
  kept.comment ||= comment;
}

function readMeshEntry(reader: WireReader): StoredLogEntry {
  let [entry, expiresAt]: [Omit<StoredLogEntry, "expiresAt"> | undefined, number] = [undefined, 0];
  eachField(reader, "MeshEntry", (tag) => {
    if (tag === field(1)) entry = readEntry(nested(reader));
    else if (tag === field(2)) expiresAt = timestamp(reader);
    else return false;
    return true;
  });
  if (entry === undefined) throw new WireError("MeshEntry: the entry is missing");
  return { ...(entry as Omit<StoredLogEntry, "expiresAt">), expiresAt };
}

function readEntry(reader: WireReader): Omit<StoredLogEntry, "expiresAt"> {
  let [groupKey, receiver, sentAt] = ["", "", 0];
  const [firing, resolved]: [string[], string[]] = [[], []];
  const data: Record<string, string> = {};
  eachField(reader, "Entry", (tag) => {
    if (tag === field(1)) groupKey = text(reader);
    else if (tag === field(2)) receiver = readReceiver(nested(reader));
    else if (tag === field(5)) sentAt = timestamp(reader);
    else if (tag >> 3 === 6) readHashes(reader, tag, firing);
    else if (tag >> 3 === 7) readHashes(reader, tag, resolved);
    else if (tag === field(8)) {
      const [key, value] = mapEntry(reader, "", dataValue);
      data[key] = value;
    } else return false;
    return true;
  });
  return { key: `${groupKey}:${receiver}`, entry: { firing, resolved, timestamp: sentAt, data } };
}

function readReceiver(reader: WireReader): string {
  let [group, integration, index] = ["", "", 0];
  eachField(reader, "Receiver", (tag) => {
    if (tag === field(1)) group = text(reader);
    else if (tag === field(2)) integration = text(reader);
    else if (tag === field(3, WIRE_VARINT)) index = reader.uint32();
    else return false;
    return true;
  });
  return `${group}/${integration}/${index}`;
}

/** Decodes a value that is a string, an integer or a double, and returns it as text. */
function dataValue(reader: WireReader): string {
  const inner = nested(reader);
  let value = "";
  eachField(inner, "ReceiverDataValue", (tag) => {
    if (tag >> 3 === 1) value = text(inner);
    else if (tag >> 3 === 2) value = BigInt.asIntN(64, bigVarint(inner)).toString();
    else if (tag >> 3 === 3) value = String(inner.double());
    else return false;
    return true;
  });
  return value;
}

/**
 * Decodes the hashes of alerts. The file may contain all hashes packed into one protobuf field, or one field for each
 * hash.
 */
function readHashes(reader: WireReader, tag: number, into: string[]): void {
  if ((tag & 7) === WIRE_VARINT) {
    into.push(hash(bigVarint(reader)));
    return;
  }
  const inner = nested(reader);
  while (inner.at < inner.end) into.push(hash(bigVarint(inner)));
}

const hash = (value: bigint): string => value.toString(16).padStart(16, "0");

/** Reads all 64 bits of a varint. */
function bigVarint(reader: WireReader): bigint {
  let value = 0n;
  for (let shift = 0n; shift < 70n; shift += 7n) {
    if (reader.at >= reader.end) throw new WireError("unexpected EOF");
    const byte = reader.bytes[reader.at++]!;
    value |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) return BigInt.asUintN(64, value);
  }
  throw new WireError("integer overflow");
}
