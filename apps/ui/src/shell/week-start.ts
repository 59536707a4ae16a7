import { preferencesNow } from "./preferences.ts";

const days: ReadonlyMap<string, 0 | 1 | 6> = new Map([
  ["monday", 1],
  ["sunday", 0],
  ["saturday", 6],
]);

/** The days that a week may begin with. */
export const weekStarts: readonly string[] = [...days.keys()];

/**
 * The first day of the week; 0 is Sunday. A dashboard may name its own. Otherwise the reader's choice counts, then the
 * browser's language.
 */
export function firstDayOfWeek(own = "", language = navigator.language): 0 | 1 | 2 | 3 | 4 | 5 | 6 {
  const named = days.get(own) ?? days.get(preferencesNow().weekStart);
  if (named !== undefined) return named;
  try {
    // Newer browsers have week data of languages. Day 7 is Sunday.
    const locale = new Intl.Locale(language) as Intl.Locale & { getWeekInfo?: () => { readonly firstDay: number } };
    return ((locale.getWeekInfo?.().firstDay ?? 0) % 7) as 0 | 1 | 2 | 3 | 4 | 5 | 6;
  } catch {
    return 0;
  }
}
