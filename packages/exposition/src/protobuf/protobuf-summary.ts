import { skipUnknown, type WireReader } from "@narthex/bytes";
import type { ExposedExemplar } from "../entries.ts";
import { checkCount, QUANTILE, SUMMARY } from "./metric-messages.ts";
import { readTimestamp } from "./protobuf-exemplar.ts";

/** A bucket with its upper bound and count, or a quantile φ with its value. */
export interface ClassicSample {
  readonly bound: number;
  readonly value: number;
  readonly exemplar: ExposedExemplar | undefined;
}

export interface WireSummary {
  count: number;
  sum: number;
  /** Start time in ms since 1970, or 0 if the message has none. */
  startTimestamp: number;
  readonly quantiles: ClassicSample[];
}

export const emptySummary = (): WireSummary => ({ count: 0, sum: 0, startTimestamp: 0, quantiles: [] });

/**
 * Reads a Summary message from the wire reader. If `summary` already has values from an earlier message, the two are
 * merged.
 */
export function readSummary(wire: WireReader, summary: WireSummary = emptySummary()): WireSummary {
  for (let tag = wire.tag(SUMMARY.message); tag !== 0; tag = wire.tag(SUMMARY.message)) {
    if (tag === 8) summary.count = wire.uint64();
    else if (tag === 17) summary.sum = wire.double();
    else if (tag === 34) summary.startTimestamp = readTimestamp(wire);
    else if (tag === 26) checkCount(summary.quantiles.push(readQuantile(wire)), "quantiles");
    else skipUnknown(wire, tag, SUMMARY);
  }
  return summary;
}

function readQuantile(wire: WireReader): ClassicSample {
  const outer = wire.end;
  const end = wire.range();
  wire.seek(wire.start, end);
  let bound = 0;
  let value = 0;
  for (let tag = wire.tag(QUANTILE.message); tag !== 0; tag = wire.tag(QUANTILE.message)) {
    if (tag === 9) bound = wire.double();
    else if (tag === 17) value = wire.double();
    else skipUnknown(wire, tag, QUANTILE);
  }
  wire.seek(end, outer);
  return { bound, value, exemplar: undefined };
}
