import type { WireReader } from "@narthex/bytes";
import { LABEL_PAIR, skipUnknown } from "./metric-messages.ts";

/** A length-delimited field's range. */
export function span(wire: WireReader): [number, number] {
  const end = wire.range();
  return [wire.start, end];
}

/** A LabelPair's ranges, the wire reader going on behind it. */
export function readLabel(wire: WireReader): [number, number, number, number] {
  const outer = wire.end;
  const end = wire.range();
  const ranges: [number, number, number, number] = [0, 0, 0, 0];
  wire.seek(wire.start, end);
  for (let tag = wire.tag(LABEL_PAIR.message); tag !== 0; tag = wire.tag(LABEL_PAIR.message)) {
    if (tag === 10) [ranges[0], ranges[1]] = span(wire);
    else if (tag === 18) [ranges[2], ranges[3]] = span(wire);
    else skipUnknown(wire, tag, LABEL_PAIR);
  }
  wire.seek(end, outer);
  return ranges;
}
