import { escapeFamilies } from "./name-escaping.ts";
import type { MetricFamily } from "../family.ts";
import { negotiateAnswer } from "../negotiation/negotiate.ts";
import { writeOpenMetrics } from "./write-openmetrics.ts";
import { writeProtobuf } from "./write-protobuf.ts";
import { writeText } from "./write-text.ts";

/** Body and Content-Type of a /metrics answer. */
export interface ExpositionAnswer {
  readonly contentType: string;
  readonly body: string | Uint8Array;
}

/**
 * Returns the answer to a scrape of one of our own /metrics endpoints, in the format that the Accept header requests.
 * The families must be sorted with `gather`.
 */
export function writeAnswer(
  families: Iterable<MetricFamily>,
  accept: string | undefined,
  offerOpenMetrics = false,
): ExpositionAnswer {
  const { format, escaping, contentType } = negotiateAnswer(accept, offerOpenMetrics);
  const named = escapeFamilies(families, escaping);
  if (format === "protobuf") return { contentType, body: writeProtobuf(named) };
  return { contentType, body: format === "openmetrics" ? writeOpenMetrics(named) : writeText(named) };
}
