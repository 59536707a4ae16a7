import { NARTHEX_LINT } from "./rule-lint/lint-flags.ts";

export const EXIT_OK = 0;
export const EXIT_FAILURE = 1;
export const EXIT_LINT = 3;

/**
 * Returns the worst of several exit statuses. A failure is worse than lint problems, and lint problems are worse than
 * success.
 */
export const worst = (statuses: readonly number[]): number =>
  statuses.includes(EXIT_FAILURE) ? EXIT_FAILURE : statuses.includes(EXIT_LINT) ? EXIT_LINT : EXIT_OK;

export interface LintSettings {
  readonly duplicateRules: boolean;
  readonly longScrapeInterval: boolean;
  /** Whether lint problems give exit status 3. */
  readonly fatal: boolean;
  /** Whether unknown keys in rule files are ignored. */
  readonly ignoreUnknownFields: boolean;
}

/** Parses the lint flags. The names in `lint` are separated by commas. */
export function lintSettings(
  flags: { readonly lint: string; readonly "lint-fatal": boolean; readonly "ignore-unknown-fields": boolean },
  warn: (line: string) => void,
): LintSettings {
  const names = flags.lint.split(",");
  for (const name of names) {
    if (!KNOWN.has(name)) warn(`WARNING: unknown lint option: ${JSON.stringify(name)}\n`);
  }
  const on = (name: string): boolean => !names.includes("none") && (names.includes("all") || names.includes(name));
  return {
    duplicateRules: on("duplicate-rules"),
    longScrapeInterval: on("too-long-scrape-interval"),
    fatal: flags["lint-fatal"],
    ignoreUnknownFields: flags["ignore-unknown-fields"],
  };
}

const KNOWN: ReadonlySet<string> = new Set([
  "all",
  "none",
  "duplicate-rules",
  "too-long-scrape-interval",
  NARTHEX_LINT,
]);
