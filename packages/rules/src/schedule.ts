import { xxhash64 } from "@narthex/bytes";
import type { GroupSpec } from "./rule-spec.ts";

const NS_PER_MS = 1_000_000n;

/**
 * Encodes a label text for hashing, as Prometheus does: its length (one byte, or 255 and three bytes), then its bytes.
 */
function encoded(text: string): Uint8Array {
  const bytes = new TextEncoder().encode(text);
  const length = bytes.length;
  const head = length < 255 ? [length] : [255, length & 255, (length >> 8) & 255, (length >> 16) & 255];
  return Uint8Array.from([...head, ...bytes]);
}

/** Times at which a group is evaluated, and the age of the samples that its queries read. */
export interface GroupTiming {
  readonly intervalMs: number;
  readonly queryOffsetMs: number;
}

/** Returns the timing of a group. The defaults are settings of the section `global`. */
export const groupTiming = (spec: GroupSpec, defaults: GroupTiming): GroupTiming => ({
  intervalMs: spec.intervalMs === undefined || spec.intervalMs === 0 ? defaults.intervalMs : spec.intervalMs,
  queryOffsetMs: spec.queryOffsetMs ?? defaults.queryOffsetMs,
});

/**
 * Returns the offset in ns within the interval at which a group is evaluated. The offset is a hash of the group's file
 * and name. Groups are therefore distributed evenly over the interval, and a group keeps its offset after a restart.
 */
export function slotOffset(file: string, name: string, intervalMs: number): bigint {
  const parts = ["file", file, "name", name].map(encoded);
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return xxhash64(bytes) % (BigInt(intervalMs) * NS_PER_MS);
}

/** Returns the last scheduled evaluation of a group at or before `nowMs`, in Unix ms with fractions. */
export function slotBefore(nowMs: number, offsetNs: bigint, intervalMs: number): number {
  const offsetMs = Number(offsetNs) / 1e6;
  return Math.floor((nowMs - offsetMs) / intervalMs) * intervalMs + offsetMs;
}

/** Returns the first scheduled evaluation of a group at or after a time, in Unix ms with fractions. */
export function slotFrom(timeMs: number, offsetNs: bigint, intervalMs: number): number {
  const before = slotBefore(timeMs, offsetNs, intervalMs);
  return before < timeMs ? before + intervalMs : before;
}

/**
 * Returns the time of a group's next scheduled evaluation after `lastMs`, and the number of scheduled evaluations that
 * were missed because the last evaluation took too long.
 */
export function nextSlot(
  lastMs: number,
  nowMs: number,
  intervalMs: number,
): { readonly at: number; readonly missed: number } {
  const missed = Math.max(0, Math.floor((nowMs - lastMs) / intervalMs) - 1);
  return { at: lastMs + (missed + 1) * intervalMs, missed };
}
