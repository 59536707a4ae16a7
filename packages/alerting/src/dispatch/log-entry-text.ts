import type { Entry } from "@narthex/store";
import { isTextList, isTextMap, isTime } from "../untrusted-json.ts";
import type { LogEntry, StoredLogEntry } from "./notification-log.ts";

/** Encodes an entry of the notification log for the store. */
export const printStoredLogEntry = ({ key, entry, expiresAt }: StoredLogEntry): Entry => ({
  key,
  value: JSON.stringify(entry),
  expiresAt,
  changedAt: entry.timestamp,
});

/** Reads an entry of the store. Throws an Error that says what is wrong. */
export const readStoredLogEntry = ({ key, value, expiresAt }: Entry): StoredLogEntry => ({
  key,
  entry: readEntry(JSON.parse(value)),
  expiresAt,
});

/**
 * Reads an entry of another instance. Throws an Error that says what is wrong, also if the entry was changed after
 * `latest` (Unix ms): no later change could replace such an entry. The entry expires `retentionMs` after its change at the latest.
 */
export function readUntrustedLogEntry(
  text: string,
  { latest, retentionMs }: { readonly latest: number; readonly retentionMs: number },
): StoredLogEntry {
  const { key, entry, expiresAt } = (JSON.parse(text) ?? {}) as { [K in keyof StoredLogEntry]?: unknown };
  if (typeof key !== "string" || key === "" || !isTime(expiresAt)) {
    throw new Error("an entry of the notification log without key or time");
  }
  const read = readEntry(entry);
  if (read.timestamp > latest) throw new Error("an entry of the notification log whose timestamp is in the future");
  return { key, entry: read, expiresAt: Math.min(expiresAt, read.timestamp + retentionMs) };
}

function readEntry(found: unknown): LogEntry {
  const { firing, resolved, timestamp, data } = (found ?? {}) as Record<string, unknown>;
  if (!isTime(timestamp)) throw new Error("an entry of the notification log without time");
  if (!isTextList(firing) || !isTextList(resolved) || !isTextMap(data)) {
    throw new Error("an entry of the notification log without alerts");
  }
  return { firing, resolved, timestamp, data };
}
