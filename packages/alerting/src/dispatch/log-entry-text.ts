import type { Entry } from "@narthex/store";
import { isTextList, isTextMap, isTime } from "../untrusted-json.ts";
import type { LogEntry, StoredLogEntry } from "./notification-log.ts";

/** Encodes an entry of the notification log in the form that the store keeps. */
export const printStoredLogEntry = ({ key, entry, expiresAt }: StoredLogEntry): Entry => ({
  key,
  value: JSON.stringify(entry),
  expiresAt,
  changedAt: entry.timestamp,
});

/** Parses an entry of the notification log from the store. Throws an Error that describes the problem. */
export const readStoredLogEntry = ({ key, value, expiresAt }: Entry): StoredLogEntry => ({
  key,
  entry: readEntry(JSON.parse(value)),
  expiresAt,
});

/**
 * Parses a notification log entry that another instance sent. Throws an Error that describes the problem. An entry that
 * was changed after `latest` (Unix ms) is refused, because no later change could replace it. The entry expires at most
 * `retentionMs` after its change.
 */
export function readUntrustedLogEntry(
  text: string,
  { latest, retentionMs }: { readonly latest: number; readonly retentionMs: number },
): StoredLogEntry {
  const { key, entry, expiresAt } = (JSON.parse(text) ?? {}) as { [K in keyof StoredLogEntry]?: unknown };
  if (typeof key !== "string" || key === "" || !isTime(expiresAt)) {
    throw new Error("invalid entry of the notification log: its key or its expiry is missing");
  }
  const read = readEntry(entry);
  if (read.timestamp > latest) throw new Error("invalid entry of the notification log: its timestamp is in the future");
  return { key, entry: read, expiresAt: Math.min(expiresAt, read.timestamp + retentionMs) };
}

function readEntry(found: unknown): LogEntry {
  const { firing, resolved, timestamp, data } = (found ?? {}) as Record<string, unknown>;
  if (!isTime(timestamp)) throw new Error("invalid entry of the notification log: its timestamp is missing");
  if (!isTextList(firing) || !isTextList(resolved) || !isTextMap(data)) {
    throw new Error("invalid entry of the notification log: its lists of alerts or its data are missing");
  }
  return { firing, resolved, timestamp, data };
}
