import { readStored, writeStored } from "../shell/preferences.ts";

/** Days on which a calendar's week may begin, by the names under which browsers have kept them. */
export const weekStarts = ["Monday", "Sunday", "Saturday"] as const;

export type WeekStart = (typeof weekStarts)[number];

const numbers: Readonly<Record<WeekStart, 0 | 1 | 6>> = { Monday: 1, Sunday: 0, Saturday: 6 };

/** The reader's choice. */
export function weekStart(): WeekStart {
  const kept = readStored<string>("firstDayOfWeek", "Monday");
  return weekStarts.find((name) => name === kept) ?? "Monday";
}

export function keepWeekStart(name: WeekStart): void {
  writeStored("firstDayOfWeek", name);
}

/** The choice as calendars count: Sunday is 0. */
export const firstDayOfWeek = (): 0 | 1 | 6 => numbers[weekStart()];
