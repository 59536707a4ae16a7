import { formatInterval } from "@narthex/dashboards";
import type { DataQuery } from "../../data-source.ts";
import { replaceMacros } from "../../query-growth.ts";
import type { InfluxdbSettings } from "../influxdb-settings.ts";

const VARIABLE =
  /\b[A-Za-z]{1,30}\.(timeRangeStart|timeRangeStop|windowPeriod|bucket|defaultBucket|organization)\b|\$__interval_ms|\$__interval/g;

/** Replaces `v.timeRangeStart` and the other variables that Grafana replaces in a query in Flux. */
export function filledFlux(
  text: string,
  { range, intervalMs }: Pick<DataQuery, "range" | "intervalMs">,
  { defaultBucket, organization }: Pick<InfluxdbSettings, "defaultBucket" | "organization">,
): string {
  const ms = Math.max(1, Math.round(intervalMs));
  return replaceMacros(text, VARIABLE, (written, name?: string) => {
    switch (name) {
      case "timeRangeStart":
        return isoTime(range.from);
      case "timeRangeStop":
        return isoTime(range.to);
      case "windowPeriod":
        return `${ms}ms`;
      case "bucket":
      case "defaultBucket":
        return fluxString(defaultBucket);
      case "organization":
        return fluxString(organization);
      default:
        return written === "$__interval_ms" ? String(ms) : formatInterval(ms);
    }
  });
}

const isoTime = (ms: number): string => new Date(ms).toISOString();

const fluxString = (text: string): string =>
  `"${text
    .replaceAll(/["\\]/g, String.raw`\$&`)
    .replaceAll("${", String.raw`\${`)
    .replaceAll("\n", String.raw`\n`)}"`;
