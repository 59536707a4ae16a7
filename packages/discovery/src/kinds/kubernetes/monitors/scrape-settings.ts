import { SpecError } from "../custom-objects/spec-error.ts";
import { type Json } from "./monitor.ts";
import type { SpecFields } from "../custom-objects/spec-fields.ts";

/** Returns an endpoint's scrape settings under the names of a scrape configuration. */
export const endpointSettings = (endpoint: SpecFields): Record<string, Json> => ({
  honor_labels: endpoint.flag("honorLabels") ?? false,
  ...endpoint.renamed({
    honorTimestamps: "honor_timestamps",
    trackTimestampsStaleness: "track_timestamps_staleness",
    interval: "scrape_interval",
    scrapeTimeout: "scrape_timeout",
    path: "metrics_path",
    params: "params",
  }),
  ...schemeSetting(endpoint),
});

export function schemeSetting(fields: SpecFields): Record<string, Json> {
  const scheme = fields.text("scheme").toLowerCase();
  return scheme === "" ? {} : { scheme };
}

/** Returns the scrape settings that all endpoints of a monitor share, such as limits. */
export const limitSettings = (spec: SpecFields): Record<string, Json> => ({
  ...spec.renamed({
    sampleLimit: "sample_limit",
    targetLimit: "target_limit",
    labelLimit: "label_limit",
    labelNameLengthLimit: "label_name_length_limit",
    labelValueLengthLimit: "label_value_length_limit",
    keepDroppedTargets: "keep_dropped_targets",
    bodySizeLimit: "body_size_limit",
    scrapeNativeHistograms: "scrape_native_histograms",
    nativeHistogramBucketLimit: "native_histogram_bucket_limit",
    scrapeClassicHistograms: "always_scrape_classic_histograms",
    convertClassicHistogramsToNHCB: "convert_classic_histograms_to_nhcb",
    fallbackScrapeProtocol: "fallback_scrape_protocol",
  }),
  ...(spec.list("scrapeProtocols").length > 0 && { scrape_protocols: spec.list("scrapeProtocols") }),
  ...bucketFactor(spec.textOrNumber("nativeHistogramMinBucketFactor")),
});

/**
 * Factors of the suffixes of Kubernetes quantities;
 * https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
 */
const MULTIPLES: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  "": 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

function bucketFactor(value: string | number | undefined): Record<string, Json> {
  if (value === undefined) return {};
  const [, number = "", suffix = ""] =
    /^([+-]?(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?|[+-]?\d+\.)([a-zA-Z]*)$/.exec(String(value)) ?? [];
  const multiple = Object.hasOwn(MULTIPLES, suffix) ? MULTIPLES[suffix] : undefined;
  if (number === "" || multiple === undefined)
    throw new SpecError(`nativeHistogramMinBucketFactor ${JSON.stringify(value)} is not a quantity`);
  return { native_histogram_min_bucket_factor: Number(number) * multiple };
}
