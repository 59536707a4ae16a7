import { useSyncExternalStore } from "react";

/** Settings of the user, in local storage under `settings.<name>` as in Prometheus's UI. */
export interface Preferences {
  /** Time zone for all pages, and for dashboards without their own zone: `browser`, `utc` or an IANA name. */
  readonly timeZone: string;
  /** First day of the week: `monday`, `sunday` or `saturday`. Empty means the default of the browser's language. */
  readonly weekStart: string;
  readonly enableQueryHistory: boolean;
  readonly enableAutocomplete: boolean;
  readonly enableSyntaxHighlighting: boolean;
  readonly enableLinter: boolean;
  readonly showQueryWarnings: boolean;
  readonly showQueryInfoNotices: boolean;
  readonly alertGroupsPerPage: number;
  readonly ruleGroupsPerPage: number;
}

const defaults: Preferences = {
  timeZone: "browser",
  weekStart: "",
  enableQueryHistory: false,
  enableAutocomplete: true,
  enableSyntaxHighlighting: true,
  enableLinter: true,
  showQueryWarnings: true,
  showQueryInfoNotices: true,
  alertGroupsPerPage: 10,
  ruleGroupsPerPage: 10,
};

/** Reads a JSON value from local storage. Returns the fallback if it is missing or has another type. */
export function readStored<T>(key: string, fallback: T): T {
  try {
    const text = localStorage.getItem(key);
    if (text === null) return fallback;
    const value: unknown = JSON.parse(text);
    const fits = typeof value === typeof fallback && Array.isArray(value) === Array.isArray(fallback);
    return fits && value !== null ? (value as T) : fallback;
  } catch {
    return fallback;
  }
}

/** Writes a JSON value to local storage. If the browser refuses, the value is lost when the page is closed. */
export function writeStored(key: string, value: unknown): void {
  try {
    localStorage.setItem(key, JSON.stringify(value));
  } catch {
    // Ignores the error. If the storage is full or forbidden, only the stored setting is lost.
  }
}

function load(): Preferences {
  const usual = { ...defaults, timeZone: earlierTimeZone(), weekStart: earlierWeekStart() };
  const entries = Object.entries(usual).map(([name, value]) => [name, readStored(`settings.${name}`, value)]);
  return Object.fromEntries(entries) as Preferences;
}

/** Returns the time zone setting that Prometheus's own UI has stored. */
function earlierTimeZone(): string {
  if (readStored("settings.useLocalTime", false)) return "browser";
  return readStored("settings.useLocalTime", true) ? defaults.timeZone : "utc";
}

/** Returns the choice that Alertmanager's own UI stores: `Monday`, `Sunday` or `Saturday`. */
function earlierWeekStart(): string {
  return readStored("firstDayOfWeek", defaults.weekStart).toLowerCase();
}

let current = load();
const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Returns the user's settings; the component renders again when one changes. */
export function usePreferences(): Preferences {
  return useSyncExternalStore(subscribe, () => current);
}

/** Returns the user's current settings, for code outside of components. */
export const preferencesNow = (): Preferences => current;

/** Changes a setting for all components, and stores it in the browser. */
export function setPreference<K extends keyof Preferences>(name: K, value: Preferences[K]): void {
  current = { ...current, [name]: value };
  writeStored(`settings.${name}`, value);
  for (const listener of listeners) listener();
}
