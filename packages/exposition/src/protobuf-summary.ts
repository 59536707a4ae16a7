import type { WireReader } from "@narthex/bytes";
import type { ExposedExemplar } from "./entries.ts";
import { readTimestamp } from "./protobuf-exemplar.ts";

/** A bucket or a quantile: its bound and what it counts. */
export interface ClassicSample {
  readonly bound: number;
  readonly value: number;
  readonly exemplar: ExposedExemplar | undefined;
}

/** A Summary message. */
export interface WireSummary {
  count: number;
  sum: number;
  /** ms since 1970; 0 where it is missing. */
  startTimestamp: number;
  readonly quantiles: ClassicSample[];
}

/** Reads the Summary that fills the wire reader's range. */
export function readSummary(wire: WireReader): WireSummary {
  const summary: WireSummary = { count: 0, sum: 0, startTimestamp: 0, quantiles: [] };
  for (let tag = wire.tag(); tag !== 0; tag = wire.tag()) {
    if (tag === 8) summary.count = wire.uint64();
    else if (tag === 17) summary.sum = wire.double();
    else if (tag === 34) summary.startTimestamp = readTimestamp(wire);
    else if (tag === 26) summary.quantiles.push(readQuantile(wire));
    else wire.skip(tag);
  }
  return summary;
}

function readQuantile(wire: WireReader): ClassicSample {
  const outer = wire.end;
  const end = wire.range();
  wire.seek(wire.start, end);
  let bound = 0;
  let value = 0;
  for (let tag = wire.tag(); tag !== 0; tag = wire.tag()) {
    if (tag === 9) bound = wire.double();
    else if (tag === 17) value = wire.double();
    else wire.skip(tag);
  }
  wire.seek(end, outer);
  return { bound, value, exemplar: undefined };
}
