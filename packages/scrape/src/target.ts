import { fnv1a64, xxhash64 } from "@narthex/bytes";
import type { ScrapeConfig } from "@narthex/config";
import type { TargetGroup } from "./target-sets.ts";
import { DurationError, formatDuration, Labels, parseDuration, quote, relabel } from "@narthex/model";
import { targetUrl } from "./target-url.ts";

/** One thing to scrape. */
export interface Target {
  /** After relabeling, without `__meta_*`; the other `__*` labels are still there. */
  readonly labels: Labels;
  /** What its samples get: `labels` without `__*`. */
  readonly publicLabels: Labels;
  /** Before relabeling. */
  readonly discovered: Labels;
  readonly url: string;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly nativeHistograms: boolean;
  readonly alwaysClassic: boolean;
  readonly convertToNhcb: boolean;
  /** Equal for targets that are the same: all labels and the URL. */
  readonly key: string;
}

/** What became of one job's groups. */
export interface BuiltTargets {
  readonly targets: readonly Target[];
  /** Discovered labels of targets that relabeling dropped. */
  readonly dropped: readonly Labels[];
  /** Why some targets could not be made. */
  readonly failures: readonly string[];
}

const INTERVAL = "__scrape_interval__";
const TIMEOUT = "__scrape_timeout__";
const CONVERT = "__convert_classic_histograms_to_nhcb__";
const ALWAYS_CLASSIC = "__always_scrape_classic_histograms__";
const NATIVE = "__scrape_native_histograms__";

/** Makes a job's targets of what discovery found; the same target found twice is one. */
export function buildTargets(groups: readonly TargetGroup[], job: ScrapeConfig): BuiltTargets {
  const targets = new Map<string, Target>();
  const dropped: Labels[] = [];
  const failures: string[] = [];
  const defaults = defaultLabels(job);
  for (const group of groups) {
    for (const [i, own] of group.targets.entries()) {
      const discovered = withDefaults(withDefaults(own, group.labels), defaults);
      try {
        const target = buildTarget(discovered, job);
        if (target === undefined) dropped.push(discovered);
        else targets.set(target.key, target);
      } catch (error) {
        if (!(error instanceof TargetError)) throw error;
        failures.push(`instance ${i} in group ${group.source}: ${error.message}`);
      }
    }
  }
  return { targets: [...targets.values()], dropped, failures };
}

class TargetError extends Error {
  override readonly name = "TargetError";
}

function defaultLabels(job: ScrapeConfig): Labels {
  const parameters = [...job.params].flatMap(([name, values]) =>
    values[0] === undefined ? [] : [[`__param_${name}`, values[0]] as const],
  );
  return Labels.of([
    ["job", job.jobName],
    [INTERVAL, formatDuration(job.scrapeIntervalMs)],
    [TIMEOUT, formatDuration(job.scrapeTimeoutMs)],
    ["__metrics_path__", job.metricsPath],
    ["__scheme__", job.scheme],
    [CONVERT, String(job.convertClassicHistogramsToNhcb)],
    [ALWAYS_CLASSIC, String(job.alwaysScrapeClassicHistograms)],
    [NATIVE, String(job.scrapeNativeHistograms)],
    ...parameters,
  ]);
}

/** The labels, and those of `defaults` whose names they lack. */
const withDefaults = (labels: Labels, defaults: Labels): Labels =>
  labels.with([...defaults].filter(([name]) => !labels.has(name)));

/** undefined where relabeling drops it; throws TargetError where the labels make no target. */
function buildTarget(discovered: Labels, job: ScrapeConfig): Target | undefined {
  const relabeled = relabel(discovered, job.relabelConfigs, job.metricNameValidationScheme);
  if (relabeled === undefined) return undefined;
  const address = relabeled.get("__address__");
  if (address === "") throw new TargetError("no address");
  if (address.includes("/")) throw new TargetError(`${quote(address)} is not a valid hostname`);
  const times = scrapeTimes(relabeled);
  const plain = relabeled.filter((name) => !name.startsWith("__meta_"));
  const labels = plain.has("instance") ? plain : plain.with([["instance", address]]);
  for (const [name, value] of labels) {
    if (!value.isWellFormed()) throw new TargetError(`invalid label value for ${quote(name)}: ${quote(value)}`);
  }
  const publicLabels = labels.filter((name) => !name.startsWith("__"));
  if (publicLabels.size === 0) return undefined;
  const url = targetUrl(labels, job.params);
  return {
    labels,
    publicLabels,
    discovered,
    url,
    ...times,
    nativeHistograms: switchOf(labels, NATIVE, "scrape native histograms"),
    alwaysClassic: switchOf(labels, ALWAYS_CLASSIC, "always scrape classic histograms"),
    convertToNhcb: switchOf(labels, CONVERT, "convert classic histograms to nhcb"),
    key: `${labels.key}\ud801${url}`,
  };
}

function scrapeTimes(labels: Labels): { intervalMs: number; timeoutMs: number } {
  const [interval, timeout] = [labels.get(INTERVAL), labels.get(TIMEOUT)];
  const intervalMs = durationOf(interval, "scrape interval");
  const timeoutMs = durationOf(timeout, "scrape timeout");
  if (timeoutMs > intervalMs) {
    throw new TargetError(
      `scrape timeout cannot be greater than scrape interval (${quote(timeout)} > ${quote(interval)})`,
    );
  }
  return { intervalMs, timeoutMs };
}

function durationOf(text: string, what: string): number {
  try {
    const ms = parseDuration(text);
    if (ms > 0) return ms;
  } catch (error) {
    if (!(error instanceof DurationError)) throw error;
    throw new TargetError(`error parsing ${what}: ${error.message}`);
  }
  throw new TargetError(`${what} cannot be 0`);
}

/** Go's strconv.ParseBool of a label; absent is false. */
function switchOf(labels: Labels, name: string, what: string): boolean {
  const text = labels.get(name);
  if (/^(?:1|t|T|true|TRUE|True)$/.test(text)) return true;
  if (text === "" || /^(?:0|f|F|false|FALSE|False)$/.test(text)) return false;
  throw new TargetError(`error parsing ${what}: strconv.ParseBool: parsing ${quote(text)}: invalid syntax`);
}

const encoder = new TextEncoder();
const labelHasher = (labels: Labels): bigint => {
  const parts: Uint8Array[] = [];
  for (const text of labels.pairs) parts.push(encoder.encode(text), Uint8Array.of(0xff));
  return xxhash64(Buffer.concat(parts));
};

/** The hash that spreads targets over the interval: FNV-1a of the labels' hash (16 digits or more) and the URL. */
export const targetHash = (target: Target): bigint =>
  fnv1a64(encoder.encode(labelHasher(target.labels).toString().padStart(16, "0") + target.url));
