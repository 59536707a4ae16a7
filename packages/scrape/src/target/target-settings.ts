import { DurationError, type LabelsBuilder, parseDuration, quote } from "@narthex/model";

/** A target's labels are invalid. The message is the same as that of Prometheus. */
export class TargetError extends Error {
  override readonly name = "TargetError";
}

/** Names of the labels that contain a target's settings, such as its interval and timeout. */
export const SETTING = {
  interval: "__scrape_interval__",
  timeout: "__scrape_timeout__",
  convertToNhcb: "__convert_classic_histograms_to_nhcb__",
  alwaysClassic: "__always_scrape_classic_histograms__",
  nativeHistograms: "__scrape_native_histograms__",
} as const;

export interface TargetSettings {
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly nativeHistograms: boolean;
  readonly alwaysClassic: boolean;
  readonly convertToNhcb: boolean;
}

/** Returns a target's settings from its labels. Throws TargetError. */
export function targetSettings(labels: LabelsBuilder): TargetSettings {
  const [interval, timeout] = [labels.get(SETTING.interval), labels.get(SETTING.timeout)];
  const intervalMs = durationOf(interval, "scrape interval");
  const timeoutMs = durationOf(timeout, "scrape timeout");
  if (timeoutMs > intervalMs) {
    throw new TargetError(
      `scrape timeout cannot be greater than scrape interval (${quote(timeout)} > ${quote(interval)})`,
    );
  }
  return {
    intervalMs,
    timeoutMs,
    convertToNhcb: switchOf(labels.get(SETTING.convertToNhcb), "convert classic histograms to nhcb"),
    alwaysClassic: switchOf(labels.get(SETTING.alwaysClassic), "always scrape classic histograms"),
    nativeHistograms: switchOf(labels.get(SETTING.nativeHistograms), "scrape native histograms"),
  };
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

/** Parses a label's value as a boolean like Go's strconv.ParseBool. A missing label is false. */
function switchOf(text: string, what: string): boolean {
  if (text === "false" || text === "") return false;
  if (/^(?:1|t|T|true|TRUE|True)$/.test(text)) return true;
  if (/^(?:0|f|F|FALSE|False)$/.test(text)) return false;
  throw new TargetError(`error parsing ${what}: strconv.ParseBool: parsing ${quote(text)}: invalid syntax`);
}
