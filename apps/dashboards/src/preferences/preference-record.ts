import { refusal } from "../web/refusal.ts";
import { type Body, objectAt, textAt, textsAt } from "../web/request-body.ts";

/** The preferences of a user, a team or the organization. Preferences that are not set are empty. */
export interface PreferenceRecord {
  readonly theme: string;
  readonly homeDashboardUID: string;
  readonly timezone: string;
  readonly weekStart: string;
  readonly language: string;
  /** Paths of the pages that the user has bookmarked. */
  readonly bookmarkUrls?: readonly string[];
  /** Name of the tab that the query history shows first. */
  readonly queryHistoryTab?: string;
}

const KEYS = ["theme", "homeDashboardUID", "timezone", "weekStart", "language"] as const;
export const NONE: PreferenceRecord = { theme: "", homeDashboardUID: "", timezone: "", weekStart: "", language: "" };
/** Maximum number of bookmarks, and maximum length of a text in characters. */
const [MAX_BOOKMARKS, MAX_TEXT] = [100, 500];

/**
 * Returns the preferences after a request has changed some of them. Throws a refusal if the request body is invalid.
 */
export function changedPreferences(before: PreferenceRecord, body: Body): PreferenceRecord {
  const [texts, pageState] = [textsIn(body), pageStateIn(body)];
  if ([...Object.values(texts), pageState.queryHistoryTab ?? ""].some(({ length }) => length > MAX_TEXT))
    throw refusal(400, `a preference has at most ${MAX_TEXT} characters`);
  const preferences: PreferenceRecord = { ...before, ...texts, ...pageState };
  if (!["", "dark", "light", "system"].includes(preferences.theme)) throw refusal(400, "Invalid theme");
  return preferences;
}

function textsIn(body: Body): Partial<Record<(typeof KEYS)[number], string>> {
  return Object.fromEntries(KEYS.flatMap((name) => (Object.hasOwn(body, name) ? [[name, textAt(body, name)]] : [])));
}

/** Returns the preferences in a request body that are only state of Grafana's pages. */
function pageStateIn(body: Body): Pick<PreferenceRecord, "bookmarkUrls" | "queryHistoryTab"> {
  const [navbar, queryHistory] = [objectAt(body, "navbar"), objectAt(body, "queryHistory")];
  const bookmarkUrls = textsAt(navbar ?? {}, "bookmarkUrls");
  if (bookmarkUrls.length > MAX_BOOKMARKS || bookmarkUrls.some((url) => url.length > MAX_TEXT))
    throw refusal(400, `navbar can have at most ${MAX_BOOKMARKS} bookmarks of ${MAX_TEXT} characters`);
  return {
    ...(navbar !== undefined && { bookmarkUrls }),
    ...(queryHistory !== undefined && { queryHistoryTab: textAt(queryHistory, "homeTab") }),
  };
}

/** Returns preferences in the format of Grafana's API. */
export function preferencesView({ bookmarkUrls, queryHistoryTab = "", ...texts }: PreferenceRecord = NONE): object {
  return { ...texts, navbar: { bookmarkUrls: bookmarkUrls ?? null }, queryHistory: { homeTab: queryHistoryTab } };
}
