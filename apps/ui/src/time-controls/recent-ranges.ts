import type { RawTimeRange } from "@narthex/dashboards";
import { readStored, writeStored } from "../shell/preferences.ts";

const KEY = "dashboards.recentRanges";
const MOST = 4;

/** Returns the absolute ranges that the user selected last, newest first. */
export function recentRanges(): readonly RawTimeRange[] {
  return readStored<readonly unknown[]>(KEY, []).filter(isRange).slice(0, MOST);
}

/** Adds a range to the recent ranges in local storage, unless it is relative to now. */
export function storeRecentRange({ from, to }: RawTimeRange): void {
  if (from.includes("now") || to.includes("now")) return;
  const others = recentRanges().filter((range) => range.from !== from || range.to !== to);
  writeStored(KEY, [{ from, to }, ...others].slice(0, MOST));
}

function isRange(value: unknown): value is RawTimeRange {
  if (typeof value !== "object" || value === null || !("from" in value) || !("to" in value)) return false;
  return /^-?\d{1,16}$/.test(String(value.from)) && /^-?\d{1,16}$/.test(String(value.to));
}
