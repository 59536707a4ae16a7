import { preferencesNow } from "./preferences.ts";

const days: ReadonlyMap<string, 0 | 1 | 6> = new Map([
  ["monday", 1],
  ["sunday", 0],
  ["saturday", 6],
]);

/** Selectable first days of the week. */
export const weekStarts: readonly string[] = [...days.keys()];

/**
 * Returns the first day of the week; 0 is Sunday. The dashboard's setting takes precedence over the user's setting and
 * the browser's language.
 */
export function firstDayOfWeek(own = "", language = navigator.language): 0 | 1 | 2 | 3 | 4 | 5 | 6 {
  const named = days.get(own) ?? days.get(preferencesNow().weekStart);
  if (named !== undefined) return named;
  try {
    // Only newer browsers have getWeekInfo(), in which 7 is Sunday.
    const locale = new Intl.Locale(language) as Intl.Locale & { getWeekInfo?: () => { readonly firstDay: number } };
    return ((locale.getWeekInfo?.().firstDay ?? 0) % 7) as 0 | 1 | 2 | 3 | 4 | 5 | 6;
  } catch {
    return 0;
  }
}
