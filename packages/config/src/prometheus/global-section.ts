import { formatDuration, isLabelName, Labels, type NameValidation } from "@narthex/model";
import { type Decoded, INVALID } from "../decode/codec.ts";
import type { Report } from "../decode/decode-context.ts";
import { labelSet } from "../decode/label-set.ts";
import { filePath } from "../decode/locations.ts";
import { byteSize, millis } from "../decode/measures.ts";
import { flag, integer, oneOf, text, wholeNumber } from "../decode/plain-values.ts";
import { field, optional, type FieldPositions, type Section, section } from "../decode/section.ts";
import { type Environment, expandLabels } from "./environment.ts";
import type { GlobalConfig, NameEscaping, RuntimeConfig } from "./global.ts";
import { NAME_ESCAPINGS, PROTO_FIRST_PROTOCOLS, protocolList } from "./scrape-protocols.ts";

const DEFAULT_INTERVAL_MS = 60_000;
const DEFAULT_TIMEOUT_MS = 10_000;

/** Limits of the section `global` that jobs inherit, in the order of printing. */
export const limitFields = {
  bodySizeLimit: field("body_size_limit", byteSize, 0),
  sampleLimit: field("sample_limit", wholeNumber, 0),
  targetLimit: field("target_limit", wholeNumber, 0),
  labelLimit: field("label_limit", wholeNumber, 0),
  labelNameLengthLimit: field("label_name_length_limit", wholeNumber, 0),
  labelValueLengthLimit: field("label_value_length_limit", wholeNumber, 0),
};

/** Codec of the validation scheme for metric and label names: `utf8`, `legacy`, or "" if the key is absent. */
export const validationScheme = oneOf<NameValidation | "">(
  ["", "utf8", "legacy"],
  (found) => `unrecognized ValidationScheme: "${found}"`,
);

/**
 * Codec of the escaping scheme for metric names. Accepts any text, because each section checks the text with its own
 * error message.
 */
export const escapingScheme = text;

interface RawGlobal extends Omit<GlobalConfig, "metricNameValidationScheme" | "metricNameEscapingScheme"> {
  readonly metricNameValidationScheme: NameValidation | "";
  readonly metricNameEscapingScheme: string;
}

export interface GlobalOptions {
  readonly env: Environment;
  readonly extraScrapeMetrics?: boolean;
  /**
   * True if jobs request protobuf first unless protocols are configured. Set by features that need data which only
   * protobuf contains.
   */
  readonly protobufFirst?: boolean;
  readonly warn: (message: string) => void;
}

/** Returns the section `global`, which expands environment variables in external labels. */
export function globalSection(options: GlobalOptions): Section<GlobalConfig> {
  return section<RawGlobal, GlobalConfig>(
    "config.plain",
    {
      scrapeIntervalMs: field("scrape_interval", millis, 0),
      scrapeTimeoutMs: field("scrape_timeout", millis, 0),
      scrapeProtocols: optional(
        "scrape_protocols",
        protocolList(() => " for global config"),
      ),
      evaluationIntervalMs: field("evaluation_interval", millis, 0),
      ruleQueryOffsetMs: field("rule_query_offset", millis, 0),
      queryLogFile: field("query_log_file", filePath, ""),
      scrapeFailureLogFile: field("scrape_failure_log_file", filePath, ""),
      externalLabels: field("external_labels", labelSet("utf8", "map[string]string"), Labels.EMPTY),
      ...limitFields,
      keepDroppedTargets: field("keep_dropped_targets", wholeNumber, 0),
      metricNameValidationScheme: field("metric_name_validation_scheme", validationScheme, ""),
      metricNameEscapingScheme: field("metric_name_escaping_scheme", escapingScheme, ""),
      scrapeNativeHistograms: field("scrape_native_histograms", flag, false, true),
      convertClassicHistogramsToNhcb: field("convert_classic_histograms_to_nhcb", flag, false),
      alwaysScrapeClassicHistograms: field("always_scrape_classic_histograms", flag, false),
      extraScrapeMetrics: field("extra_scrape_metrics", flag, options.extraScrapeMetrics ?? false, true),
    },
    (raw, at, report) => finishGlobal(raw, at, report, options),
  );
}

function finishGlobal(
  raw: RawGlobal,
  at: FieldPositions<RawGlobal>,
  report: Report,
  options: GlobalOptions,
): Decoded<GlobalConfig> {
  const scrapeIntervalMs = raw.scrapeIntervalMs === 0 ? DEFAULT_INTERVAL_MS : raw.scrapeIntervalMs;
  if (raw.scrapeTimeoutMs > scrapeIntervalMs) {
    const message = "global scrape timeout greater than scrape interval";
    report(at.scrapeTimeoutMs, "scrape-timeout-over-interval", message, shorten(raw.scrapeTimeoutMs, scrapeIntervalMs));
    return INVALID;
  }
  const scheme: NameValidation = raw.metricNameValidationScheme === "" ? "utf8" : raw.metricNameValidationScheme;
  const badLabel = raw.externalLabels.names().find((name) => !isLabelName(name, scheme));
  if (badLabel !== undefined) {
    report(at.externalLabels, "bad-label-name", `"${badLabel}" is not a valid label name`, "rename the label");
    return INVALID;
  }
  return {
    ...raw,
    scrapeIntervalMs,
    scrapeProtocols: raw.scrapeProtocols ?? (options.protobufFirst === true ? PROTO_FIRST_PROTOCOLS : undefined),
    scrapeTimeoutMs: raw.scrapeTimeoutMs === 0 ? Math.min(DEFAULT_TIMEOUT_MS, scrapeIntervalMs) : raw.scrapeTimeoutMs,
    evaluationIntervalMs: raw.evaluationIntervalMs === 0 ? DEFAULT_INTERVAL_MS : raw.evaluationIntervalMs,
    externalLabels: expandLabels(raw.externalLabels, options.env, (name) =>
      options.warn(`Empty environment variable ${name} in global.external_labels`),
    ),
    metricNameValidationScheme: scheme,
    // Accepts any escaping scheme, because each job checks the scheme, and a file without jobs may contain any text.
    metricNameEscapingScheme: raw.metricNameEscapingScheme as NameEscaping | "",
  };
}

/** Returns the hint for a scrape timeout that is longer than the scrape interval. */
export const shorten = (timeoutMs: number, intervalMs: number): string =>
  `shorten ${formatDuration(timeoutMs)} to at most ${formatDuration(intervalMs)}, or lengthen the interval`;

export const defaultEscaping = (scheme: NameValidation): NameEscaping =>
  scheme === "legacy" ? "underscores" : "allow-utf-8";

/** Reports whether a name is one of the four escaping schemes for metric names. */
export const isEscaping = (name: string): name is NameEscaping => (NAME_ESCAPINGS as readonly string[]).includes(name);

/**
 * Returns the section `runtime`. The default of `gogc` comes from the environment variable GOGC, as in Go: a
 * percentage, or -1 for `off`. The value 0 in the file counts as not set.
 */
export function runtimeSection(env: Environment): Section<RuntimeConfig> {
  const given = env["GOGC"] ?? "";
  const fallback = given.toLowerCase() === "off" ? -1 : /^[-+]?\d+$/.test(given) ? Number(given) : 75;
  return section<RuntimeConfig>("config.plain", { gogc: field("gogc", integer, fallback) }, ({ gogc }) => ({
    gogc: gogc === 0 ? fallback : gogc,
  }));
}

/** Returns the error for an unknown escaping scheme in `global`, or undefined. Called only if the file has a job. */
export function unknownEscaping({ metricNameEscapingScheme: name }: GlobalConfig): string | undefined {
  if (name === "" || isEscaping(name)) return undefined;
  return (
    "unknown global name escaping method specified, must be one of 'allow-utf-8', 'underscores', 'dots', or " +
    `'values', got "${String(name)}"`
  );
}

export const ESCAPING_HINT = "change metric_name_escaping_scheme of the global section";
