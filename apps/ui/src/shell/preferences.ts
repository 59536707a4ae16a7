import { useSyncExternalStore } from "react";

/** What a reader chose; kept per browser under `settings.<name>`, the names that Prometheus' own UI uses. */
export interface Preferences {
  /** `browser`, `utc` or an IANA name; for all pages, and for dashboards without a zone of their own. */
  readonly timeZone: string;
  /** `monday`, `sunday`, `saturday`; empty: as in the browser's language. */
  readonly weekStart: string;
  readonly enableQueryHistory: boolean;
  readonly enableAutocomplete: boolean;
  readonly enableSyntaxHighlighting: boolean;
  readonly enableLinter: boolean;
  readonly showQueryWarnings: boolean;
  readonly showQueryInfoNotices: boolean;
  readonly showAnnotations: boolean;
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
  showAnnotations: false,
  alertGroupsPerPage: 10,
  ruleGroupsPerPage: 10,
};

/** A JSON value of local storage, or the fallback where there is none of the same type. */
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

/** Keeps a JSON value in local storage; a browser that refuses storage keeps it for this page only. */
export function writeStored(key: string, value: unknown): void {
  try {
    localStorage.setItem(key, JSON.stringify(value));
  } catch {
    // A full or forbidden storage costs the memory of the setting, nothing else.
  }
}

function load(): Preferences {
  const usual = { ...defaults, timeZone: earlierTimeZone(), weekStart: earlierWeekStart() };
  const entries = Object.entries(usual).map(([name, value]) => [name, readStored(`settings.${name}`, value)]);
  return Object.fromEntries(entries) as Preferences;
}

/** The choice that Prometheus' own UI keeps: local time or UTC. */
function earlierTimeZone(): string {
  if (readStored("settings.useLocalTime", false)) return "browser";
  return readStored("settings.useLocalTime", true) ? defaults.timeZone : "utc";
}

/** The choice that Alertmanager's own UI keeps: `Monday`, `Sunday` or `Saturday`. */
function earlierWeekStart(): string {
  return readStored("firstDayOfWeek", defaults.weekStart).toLowerCase();
}

let current = load();
const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The reader's choices; the component renders again when one changes. */
export function usePreferences(): Preferences {
  return useSyncExternalStore(subscribe, () => current);
}

/** The reader's choices now, outside of components. */
export const preferencesNow = (): Preferences => current;

/** Changes one choice for all components and later visits. */
export function setPreference<K extends keyof Preferences>(name: K, value: Preferences[K]): void {
  current = { ...current, [name]: value };
  writeStored(`settings.${name}`, value);
  for (const listener of listeners) listener();
}
