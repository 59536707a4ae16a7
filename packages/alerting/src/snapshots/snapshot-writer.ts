import { WireWriter } from "@narthex/bytes";
import type { Matcher } from "@narthex/model";
import type { StoredLogEntry } from "../dispatch/notification-log.ts";
import type { Silence } from "../silences/silence.ts";
import { MATCH_TYPES } from "./snapshot-codec.ts";

/**
 * Encodes silences as Alertmanager's `silences` file.
 * @param retentionMs how long each silence is kept after its end
 */
export function writeSilencesSnapshot(silences: Iterable<Silence>, retentionMs: number): Uint8Array {
  const file = new WireWriter();
  for (const silence of silences) {
    file.delimited(() => {
      file.message(1, () => writeSilence(file, silence));
      writeTime(file, 2, silence.endsAt + retentionMs);
    });
  }
  return file.written.slice();
}

/**
 * Encodes entries of the notification log as Alertmanager's `nflog` file. Leaves out entries whose key does not have
 * Alertmanager's form.
 */
export function writeLogSnapshot(entries: Iterable<StoredLogEntry>): Uint8Array {
  const file = new WireWriter();
  for (const entry of entries) {
    const parts = keyParts(entry.key);
    if (parts === undefined) continue;
    file.delimited(() => {
      file.message(1, () => writeEntry(file, entry, parts));
      writeTime(file, 2, entry.expiresAt);
    });
  }
  return file.written.slice();
}

function writeSilence(file: WireWriter, silence: Silence): void {
  const { id, matchers, startsAt, endsAt, updatedAt, createdBy, comment, annotations } = silence;
  file.string(1, id);
  // Also writes the matchers to the older field, because older Alertmanager versions do not read sets of matchers.
  for (const matcher of matchers) writeMatcher(file, 2, matcher);
  writeTime(file, 3, startsAt);
  writeTime(file, 4, endsAt);
  writeTime(file, 5, updatedAt);
  file.string(8, createdBy);
  file.string(9, comment);
  for (const [key, value] of Object.entries(annotations)) {
    file.message(10, () => {
      file.string(1, key);
      file.string(2, value);
    });
  }
  file.message(11, () => {
    for (const matcher of matchers) writeMatcher(file, 1, matcher);
  });
}

function writeMatcher(file: WireWriter, field: number, { type, name, value }: Matcher): void {
  file.message(field, () => {
    file.uint64(1, MATCH_TYPES.indexOf(type));
    file.string(2, name);
    file.string(3, value);
  });
}

/** Encodes a time in Unix ms as a protobuf Timestamp, with a fraction down to 1 µs. */
function writeTime(file: WireWriter, field: number, ms: number): void {
  const seconds = Math.floor(ms / 1000);
  file.message(field, () => {
    file.int64(1, seconds);
    file.uint64(2, Math.min(999_999, Math.round((ms - seconds * 1000) * 1000)) * 1000);
  });
}

interface KeyParts {
  readonly group: string;
  readonly receiver: string;
  readonly integration: string;
  readonly index: string;
}

/**
 * Splits the key of a notification log entry into group key, receiver, integration and index. The group key ends with
 * the group labels in braces. Returns undefined if the key has another form.
 */
function keyParts(key: string): KeyParts | undefined {
  const indexAt = key.lastIndexOf("/") + 1;
  const integrationAt = key.lastIndexOf("/", indexAt - 2) + 1;
  const receiverAt = key.lastIndexOf("}:", integrationAt - 3) + 2;
  const index = key.slice(indexAt);
  if (indexAt < 2 || integrationAt < 3 || receiverAt < 2 || !/^\d+$/.test(index)) return undefined;
  return {
    group: key.slice(0, receiverAt - 1),
    receiver: key.slice(receiverAt, integrationAt - 1),
    integration: key.slice(integrationAt, indexAt - 1),
    index,
  };
}

function writeEntry(
  file: WireWriter,
  { entry }: StoredLogEntry,
  { group, receiver, integration, index }: KeyParts,
): void {
  file.string(1, group);
  file.message(2, () => {
    file.string(1, receiver);
    file.string(2, integration);
    file.uint64(3, Number(index));
  });
  writeTime(file, 5, entry.timestamp);
  writeHashes(file, 6, entry.firing);
  writeHashes(file, 7, entry.resolved);
  for (const [key, value] of Object.entries(entry.data)) {
    file.message(8, () => {
      file.string(1, key);
      file.message(2, () => file.string(1, value));
    });
  }
}

/** Encodes hashes, given in hexadecimal, as packed 64-bit varints. */
function writeHashes(file: WireWriter, field: number, hashes: readonly string[]): void {
  if (hashes.length === 0) return;
  const bytes: number[] = [];
  for (const hash of hashes) {
    let rest = BigInt(`0x${hash}`);
    for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
    bytes.push(Number(rest));
  }
  file.bytes(field, Uint8Array.from(bytes));
}
