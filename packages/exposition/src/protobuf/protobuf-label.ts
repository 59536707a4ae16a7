import { skipUnknown, type WireReader } from "@narthex/bytes";
import { checkLength } from "../byte-text.ts";
import { LABEL_PAIR } from "./metric-messages.ts";

/** Reads a length-delimited field. Returns the range of its bytes. */
export function span(wire: WireReader): [number, number] {
  const end = wire.range();
  return [wire.start, end];
}

/**
 * Reads a text field. Returns the range of its bytes. Throws ExpositionError if the text is longer than MAX_TEXT_BYTES.
 */
export function textSpan(wire: WireReader): [number, number] {
  const range = span(wire);
  checkLength(wire.bytes, ...range);
  return range;
}

/** Reads a LabelPair. Returns the ranges of its name and value, and moves the wire reader after it. */
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
