import type { NameValidation } from "@narthex/model";
import { type Codec, type Decoded, INVALID } from "../decode/codec.ts";
import { listOf, mapOf } from "../decode/collections.ts";
import type { Report } from "../decode/decode-context.ts";
import { httpClientSection } from "../http-client/http-client-section.ts";
import { filePath } from "../decode/locations.ts";
import { millis } from "../decode/measures.ts";
import { decimal, flag, text, wholeNumber } from "../decode/plain-values.ts";
import { checkLegacyNames, relabelRules } from "../relabel-rules.ts";
import { field, inline, optional, type FieldPositions, type Section, section } from "../decode/section.ts";
import { type DiscoveryKind, discoveryRest } from "./discovery-kinds.ts";
import type { GlobalConfig, NameEscaping, ScrapeProtocol } from "./global.ts";
import {
  defaultEscaping,
  escapingScheme,
  isEscaping,
  limitFields,
  shorten,
  validationScheme,
} from "./global-section.ts";
import {
  DEFAULT_PROTOCOLS,
  PROTO_FIRST_PROTOCOLS,
  protocolList,
  SCRAPE_PROTOCOLS,
  unknownProtocol,
} from "./scrape-protocols.ts";
import type { ScrapeConfig } from "./scrape-config.ts";
import { seriesBudget } from "./series-budget-section.ts";
import { checkAddresses, staticConfigs } from "./static-section.ts";

/** The keys that a job may inherit from `global`. */
type Inherited =
  | "scrapeNativeHistograms"
  | "alwaysScrapeClassicHistograms"
  | "convertClassicHistogramsToNhcb"
  | "extraScrapeMetrics";

type Resolved = Inherited | "scrapeProtocols" | "fallbackScrapeProtocol" | "position";
type Schemes = "metricNameValidationScheme" | "metricNameEscapingScheme";

interface RawScrape extends Omit<ScrapeConfig, Resolved | Schemes>, Record<Schemes, string> {
  readonly scrapeProtocols: readonly ScrapeProtocol[] | undefined;
  readonly fallbackScrapeProtocol: string;
  readonly scrapeNativeHistograms: boolean | undefined;
  readonly alwaysScrapeClassicHistograms: boolean | undefined;
  readonly convertClassicHistogramsToNhcb: boolean | undefined;
  readonly extraScrapeMetrics: boolean | undefined;
}

export interface ScrapeOptions {
  /** Scheme that names outside of jobs must follow, by default utf8. Jobs have their own scheme. */
  readonly scheme?: NameValidation;
  readonly kinds: readonly DiscoveryKind[];
  readonly warn: (message: string) => void;
}

/**
 * Codec of the name of an exposition format. Accepts any name. Undefined means no format, and is omitted when printed.
 */
const protocolName: Codec<string> = { ...text, isZero: (value: string | undefined) => (value ?? "") === "" };

/** Returns the decoder for one entry of `scrape_configs`. Absent values are taken from `global`. */
export function scrapeSection(global: GlobalConfig, options: ScrapeOptions): Section<ScrapeConfig> {
  const job = { name: "" };
  const raw = section<RawScrape, ScrapeConfig>(
    "config.ScrapeConfig",
    {
      jobName: field("job_name", text, "", true),
      honorLabels: field("honor_labels", flag, false),
      honorTimestamps: field("honor_timestamps", flag, true, true),
      trackTimestampsStaleness: field("track_timestamps_staleness", flag, false, true),
      params: field("params", mapOf(listOf(text), "url.Values"), new Map<string, readonly string[]>()),
      scrapeIntervalMs: field("scrape_interval", millis, 0),
      scrapeTimeoutMs: field("scrape_timeout", millis, 0),
      scrapeProtocols: optional(
        "scrape_protocols",
        protocolList(() => ` for scrape config with job name "${job.name}"`),
      ),
      fallbackScrapeProtocol: field("fallback_scrape_protocol", protocolName, ""),
      scrapeNativeHistograms: optional("scrape_native_histograms", flag),
      alwaysScrapeClassicHistograms: optional("always_scrape_classic_histograms", flag),
      convertClassicHistogramsToNhcb: optional("convert_classic_histograms_to_nhcb", flag),
      scrapeFailureLogFile: field("scrape_failure_log_file", filePath, ""),
      metricsPath: field("metrics_path", text, "/metrics"),
      scheme: field("scheme", text, "http"),
      enableCompression: field("enable_compression", flag, true, true),
      ...limitFields,
      nativeHistogramBucketLimit: field("native_histogram_bucket_limit", wholeNumber, 0),
      nativeHistogramMinBucketFactor: field("native_histogram_min_bucket_factor", decimal, 0),
      keepDroppedTargets: field("keep_dropped_targets", wholeNumber, 0),
      seriesBudget: optional("series_budget", seriesBudget),
      metricNameValidationScheme: field("metric_name_validation_scheme", validationScheme, ""),
      metricNameEscapingScheme: field("metric_name_escaping_scheme", escapingScheme, ""),
      extraScrapeMetrics: optional("extra_scrape_metrics", flag),
      httpClient: inline(httpClientSection({ enableHttp2: true })),
      relabelConfigs: field(
        "relabel_configs",
        relabelRules("empty or null target relabeling rule in scrape config"),
        [],
      ),
      metricRelabelConfigs: field(
        "metric_relabel_configs",
        relabelRules("empty or null metric relabeling rule in scrape config"),
        [],
      ),
      staticConfigs: field("static_configs", staticConfigs, []),
      discoveryConfigs: discoveryRest(options.kinds),
    },
    (value, at, report) => finishScrape(value, at, report, global),
  );
  return {
    ...raw,
    decode(node, context) {
      const name = node.kind === "map" ? node.entries.find(({ key }) => key.text === "job_name")?.value : undefined;
      job.name = name?.kind === "scalar" ? name.text : "";
      return raw.decode(node, context);
    },
  };
}

function finishScrape(
  raw: RawScrape,
  at: FieldPositions<RawScrape>,
  report: Report,
  global: GlobalConfig,
): Decoded<ScrapeConfig> {
  if (raw.jobName === "") {
    report(at.jobName, "job-name", "job_name is empty", "give the job a name");
    return INVALID;
  }
  const of = ` for scrape config with job name "${raw.jobName}"`;
  const scrapeIntervalMs = raw.scrapeIntervalMs === 0 ? global.scrapeIntervalMs : raw.scrapeIntervalMs;
  if (raw.scrapeTimeoutMs > scrapeIntervalMs) {
    const message = `scrape timeout greater than scrape interval${of}`;
    report(at.scrapeTimeoutMs, "scrape-timeout-over-interval", message, shorten(raw.scrapeTimeoutMs, scrapeIntervalMs));
    return INVALID;
  }
  const fallback = SCRAPE_PROTOCOLS.find((name) => name === raw.fallbackScrapeProtocol);
  if (raw.fallbackScrapeProtocol !== "" && fallback === undefined) {
    const message = `invalid fallback_scrape_protocol${of}: ${unknownProtocol(raw.fallbackScrapeProtocol)}`;
    report(at.fallbackScrapeProtocol, "scrape-protocols", message, "name one of them");
    return INVALID;
  }
  const names = resolveNames(raw, at, report, global);
  if (names === INVALID) return INVALID;
  const scheme = names.metricNameValidationScheme;
  const sound = checkLegacyNames(raw.relabelConfigs, scheme, at.relabelConfigs, report);
  if (!checkLegacyNames(raw.metricRelabelConfigs, scheme, at.metricRelabelConfigs, report) || !sound) return INVALID;
  if (raw.relabelConfigs.length === 0 && checkAddresses(raw.staticConfigs, report) === INVALID) return INVALID;
  const native = raw.scrapeNativeHistograms ?? global.scrapeNativeHistograms;
  const protocols = raw.scrapeProtocols ?? global.scrapeProtocols;
  return {
    ...raw,
    ...names,
    ...inheritLimits(raw, global),
    scrapeIntervalMs,
    scrapeTimeoutMs:
      raw.scrapeTimeoutMs === 0 ? Math.min(global.scrapeTimeoutMs, scrapeIntervalMs) : raw.scrapeTimeoutMs,
    scrapeProtocols: protocols ?? (native ? PROTO_FIRST_PROTOCOLS : DEFAULT_PROTOCOLS),
    fallbackScrapeProtocol: fallback,
    scrapeNativeHistograms: native,
    alwaysScrapeClassicHistograms: raw.alwaysScrapeClassicHistograms ?? global.alwaysScrapeClassicHistograms,
    convertClassicHistogramsToNhcb: raw.convertClassicHistogramsToNhcb ?? global.convertClassicHistogramsToNhcb,
    extraScrapeMetrics: raw.extraScrapeMetrics ?? global.extraScrapeMetrics,
    scrapeFailureLogFile: raw.scrapeFailureLogFile === "" ? global.scrapeFailureLogFile : raw.scrapeFailureLogFile,
    position: { line: at.self.line, column: at.self.column },
  };
}

function inheritLimits(
  raw: RawScrape,
  global: GlobalConfig,
): Pick<ScrapeConfig, keyof typeof limitFields | "keepDroppedTargets"> {
  return {
    bodySizeLimit: raw.bodySizeLimit || global.bodySizeLimit,
    sampleLimit: raw.sampleLimit || global.sampleLimit,
    targetLimit: raw.targetLimit || global.targetLimit,
    labelLimit: raw.labelLimit || global.labelLimit,
    labelNameLengthLimit: raw.labelNameLengthLimit || global.labelNameLengthLimit,
    labelValueLengthLimit: raw.labelValueLengthLimit || global.labelValueLengthLimit,
    keepDroppedTargets: raw.keepDroppedTargets || global.keepDroppedTargets,
  };
}

function resolveNames(
  raw: RawScrape,
  at: FieldPositions<RawScrape>,
  report: Report,
  global: GlobalConfig,
): Decoded<Pick<ScrapeConfig, Schemes>> {
  const own = raw.metricNameValidationScheme;
  const scheme = own === "" ? global.metricNameValidationScheme : own === "legacy" ? "legacy" : "utf8";
  const inherited = (own === "" ? global.metricNameEscapingScheme : "") || defaultEscaping(scheme);
  const escaping = raw.metricNameEscapingScheme === "" ? inherited : raw.metricNameEscapingScheme;
  if (!isEscaping(escaping) && raw.metricNameEscapingScheme !== "") {
    const message =
      "unknown scrape config name escaping method specified, must be one of 'allow-utf-8', 'underscores', 'dots', or " +
      `'values', got "${escaping}"`;
    report(at.metricNameEscapingScheme, "name-escaping", message);
    return INVALID;
  }
  if (escaping === "allow-utf-8" && scheme === "legacy") {
    const message = "utf8 metric names requested but validation scheme is not set to UTF8";
    report(at.metricNameEscapingScheme, "name-escaping", message, "choose underscores, or validate as utf8");
    return INVALID;
  }
  // Reports an invalid value that was inherited from `global` at its position in `global`.
  return { metricNameValidationScheme: scheme, metricNameEscapingScheme: escaping as NameEscaping };
}
