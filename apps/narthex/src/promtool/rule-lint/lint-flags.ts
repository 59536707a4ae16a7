import { formatGoDuration, parseGoDuration } from "@narthex/model";
import { type FlagValues, flagKinds } from "@narthex/runtime";

/** Name in `--lint` that enables our checks of rules. The names of Prometheus do not include it, not even `all`. */
export const NARTHEX_LINT = "narthex";

/** Flags of the checks of rules that Prometheus does not have. Each flag enables the checks. */
export const ruleLintFlags = {
  "lint.policy": flagKinds.text(
    "",
    "YAML file with the severity of each check, and with labels and annotations that rules must have. (Narthex only.)",
  ),
  "lint.url": flagKinds.text(
    "",
    "The URL of a server whose stored series and metadata are compared with the rules. (Narthex only.)",
  ),
  "lint.tsdb": flagKinds.text(
    "",
    "Data folder whose stored series are compared with the rules, instead of a server's. (Narthex only.)",
  ),
  "lint.http.config.file": flagKinds.text(
    "",
    "HTTP client configuration file for requests to --lint.url. (Narthex only.)",
  ),
  "lint.scrape-interval": flagKinds.parsed(
    0,
    parseGoDuration,
    formatGoDuration,
    "Scrape interval that is assumed for series without stored samples. (Narthex only.)",
  ),
  "lint.format": flagKinds.choice(
    "text",
    ["text", "json"],
    "Format of the findings of --lint=narthex (text or json). (Narthex only.)",
  ),
} as const;

export type RuleLintFlags = FlagValues<typeof ruleLintFlags>;

/** Reports whether the flags enable our checks of rules. */
export const isRuleLintOn = (flags: RuleLintFlags & { readonly lint: string }): boolean =>
  flags.lint.split(",").includes(NARTHEX_LINT) ||
  flags["lint.policy"] !== "" ||
  flags["lint.url"] !== "" ||
  flags["lint.tsdb"] !== "" ||
  flags["lint.scrape-interval"] > 0 ||
  flags["lint.format"] !== "text";
