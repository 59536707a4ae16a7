export const EXIT_OK = 0;
export const EXIT_FAILURE = 1;
export const EXIT_LINT = 3;

/** Failure wins over lint problems, lint problems over success. */
export const worst = (statuses: readonly number[]): number =>
  statuses.includes(EXIT_FAILURE) ? EXIT_FAILURE : statuses.includes(EXIT_LINT) ? EXIT_LINT : EXIT_OK;

/** Which lints are on. */
export interface LintSettings {
  readonly duplicateRules: boolean;
  readonly longScrapeInterval: boolean;
  /** Lint problems end with status 3. */
  readonly fatal: boolean;
}

/** Reads `--lint`: names separated by commas. */
export function lintSettings(text: string, fatal: boolean, warn: (line: string) => void): LintSettings {
  let duplicateRules = false;
  let longScrapeInterval = false;
  for (const name of text.split(",")) {
    if (name === "all" || name === "duplicate-rules") duplicateRules = true;
    if (name === "all" || name === "too-long-scrape-interval") longScrapeInterval = true;
    if (name === "none") return { duplicateRules: false, longScrapeInterval: false, fatal };
    if (!["all", "duplicate-rules", "too-long-scrape-interval"].includes(name)) {
      warn(`WARNING: unknown lint option: ${JSON.stringify(name)}\n`);
    }
  }
  return { duplicateRules, longScrapeInterval, fatal };
}
