import type { Random } from "../../../support/random.ts";

export type Format = "text" | "openmetrics" | "protobuf";

/** Scrape settings of a job, and the settings on which the target's responses depend. */
export interface JobSettings {
  readonly format: Format;
  readonly fields: Record<string, string>;
  /** Fields of the scrape configuration that Prometheus 3.5 does not know. */
  readonly newFields: Record<string, string>;
  /** Limit of the body in bytes; 0 for no limit. */
  readonly bodySizeLimit: number;
}

const PROTOCOLS: Readonly<Record<Format, readonly string[]>> = {
  text: ["PrometheusText0.0.4", "PrometheusText1.0.0"],
  openmetrics: ["OpenMetricsText1.0.0", "OpenMetricsText0.0.1"],
  protobuf: ["PrometheusProto"],
};

const RELABELINGS = [
  "{source_labels: [__name__], regex: '.*_b.*', action: drop}",
  "{source_labels: [__name__], regex: '(.*)_total', target_label: __name__, replacement: '${1}_sum_of'}",
  "{regex: 'code|zone', action: labeldrop}",
  "{source_labels: [zone], regex: 'a', target_label: instance, replacement: 'elsewhere'}",
  "{source_labels: [code], regex: '5..', action: keep}",
  "{source_labels: [zone], target_label: __name__, regex: 'b', replacement: ''}",
  "{target_label: extra, replacement: 'yes'}",
  "{regex: '(z.*)', action: labelmap, replacement: 'was_$1'}",
  "{source_labels: [__name__, zone], target_label: shard, modulus: 3, action: hashmod}",
  "{source_labels: [zone], target_label: zone, action: uppercase}",
];

export function drawSettings(random: Random, format: Format): JobSettings {
  const fields: Record<string, string> = {};
  const maybe = (percent: number, name: string, value: () => string): void => {
    if (random.chance(percent)) fields[name] = value();
  };
  maybe(25, "honor_labels", () => "true");
  maybe(20, "honor_timestamps", () => "false");
  maybe(25, "track_timestamps_staleness", () => "true");
  maybe(35, "metric_relabel_configs", () => `[${random.some(RELABELINGS).slice(0, 3).join(", ")}]`);
  maybe(15, "sample_limit", () => String(3 + random.below(25)));
  maybe(6, "label_limit", () => String(3 + random.below(4)));
  maybe(6, "label_name_length_limit", () => String(6 + random.below(6)));
  maybe(6, "label_value_length_limit", () => String(8 + random.below(20)));
  maybe(10, "enable_compression", () => "false");
  maybe(20, "fallback_scrape_protocol", () =>
    random.pick(["PrometheusText0.0.4", "OpenMetricsText1.0.0", "PrometheusProto"]),
  );
  maybe(10, "follow_redirects", () => "false");
  const bodySizeLimit = random.chance(12) ? 200 + random.below(4000) : 0;
  if (bodySizeLimit > 0) fields["body_size_limit"] = `${bodySizeLimit}B`;
  drawNames(random, fields);
  maybe(
    60,
    "scrape_protocols",
    () =>
      `[${[...new Set([...random.some(PROTOCOLS[format]), ...(random.chance(30) ? random.some(PROTOCOLS.text) : [])])].join(", ")}]`,
  );
  maybe(30, "convert_classic_histograms_to_nhcb", () => "true");
  maybe(35, "always_scrape_classic_histograms", () => "true");
  maybe(format === "protobuf" ? 25 : 5, "native_histogram_bucket_limit", () => String(2 + random.below(12)));
  maybe(format === "protobuf" ? 25 : 5, "native_histogram_min_bucket_factor", () =>
    random.pick(["1.1", "1.5", "2", "4.5", "1.0027"]),
  );
  // Relabeling rules that merge series are removed, because converted histograms that become one series must have the
  // same times.
  if (fields["convert_classic_histograms_to_nhcb"] !== undefined) {
    fields["metric_relabel_configs"] = fields["metric_relabel_configs"]?.replace(/code\|zone/, "absent") ?? "[]";
  }
  return { format, fields, newFields: {}, bodySizeLimit };
}

/** Generates random settings for metric names: the accepted names, and the escaping that the server requests. */
function drawNames(random: Random, fields: Record<string, string>): void {
  const legacy = random.chance(15);
  if (legacy) fields["metric_name_validation_scheme"] = "legacy";
  const schemes = ["underscores", "dots", "values"];
  if (legacy || random.chance(15)) {
    fields["metric_name_escaping_scheme"] = random.pick(legacy ? schemes : ["allow-utf-8", ...schemes]);
  }
}
