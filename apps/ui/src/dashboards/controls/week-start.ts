import type { Dashboard } from "@narthex/dashboards";

const DAYS: Readonly<Record<string, number>> = { sunday: 0, monday: 1, saturday: 6 };

/** The day that weeks begin with: the dashboard's, or else that of the reader's language; 0 is Sunday. */
export function weekStartOf({ weekStart }: Pick<Dashboard, "weekStart">, language: string): number {
  const own = DAYS[weekStart];
  if (own !== undefined) return own;
  try {
    // Of newer browsers; seven is Sunday.
    const locale = new Intl.Locale(language) as Intl.Locale & { getWeekInfo?: () => { readonly firstDay: number } };
    return (locale.getWeekInfo?.().firstDay ?? 0) % 7;
  } catch {
    return 0;
  }
}
