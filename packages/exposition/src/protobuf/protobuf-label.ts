import { skipUnknown, type WireReader } from "@narthex/bytes";
import { checkLength } from "../byte-text.ts";
import { LABEL_PAIR } from "./metric-messages.ts";

/** Returns a length-delimited field's range. */
export function span(wire: WireReader): [number, number] {
  const end = wire.range();
  return [wire.start, end];
}

/** Returns a text field's range. Throws ExpositionError when it is longer than MAX_TEXT_BYTES. */
export function textSpan(wire: WireReader): [number, number] {
  const range = span(wire);
  checkLength(wire.bytes, ...range);
  return range;
}

/** Returns a LabelPair's ranges and moves the wire reader after it. */
export function readLabel(wire: WireReader): [number, number, number, number] {
  const outer = wire.end;
  const end = wire.range();
  const ranges: [number, number, number, number] = [0, 0, 0, 0];
  wire.seek(wire.start, end);
  for (let tag = wire.tag(LABEL_PAIR.message); tag !== 0; tag = wire.tag(LABEL_PAIR.message)) {
    if (tag === 10) [ranges[0], ranges[1]] = textSpan(wire);
    else if (tag === 18) [ranges[2], ranges[3]] = textSpan(wire);
    else skipUnknown(wire, tag, LABEL_PAIR);
  }
  wire.seek(end, outer);
  return ranges;
}
