import { createHash } from "node:crypto";

/** Half a SHA-256 of a name and a key, as a UUID prints: short enough for an index and for notifications, whatever the key. */
export function entryId(name: string, key: string): string {
  const hex = createHash("sha256").update(name).update("\0").update(key).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;
}

const ESCAPES: Readonly<Record<string, string>> = { "\u0000": "\u0001\u0002", "\u0001": "\u0001\u0001" };
const MEANINGS: Readonly<Record<string, string>> = { "\u0001\u0002": "\u0000", "\u0001\u0001": "\u0001" };

/** PostgreSQL's text takes every character but U+0000, which is written as two. */
export const toColumn = (text: string): string => text.replace(/[\u0000\u0001]/g, (character) => ESCAPES[character]!);

/** Reverses toColumn(). */
export const fromColumn = (text: string): string => text.replace(/\u0001[\u0001\u0002]/g, (pair) => MEANINGS[pair]!);
