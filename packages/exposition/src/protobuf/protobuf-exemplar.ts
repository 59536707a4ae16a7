import { skipUnknown, type WireReader } from "@narthex/bytes";
import { textOf } from "../byte-text.ts";
import type { ExposedExemplar } from "../entries.ts";
import { checkCount, EXEMPLAR, TIMESTAMP } from "./metric-messages.ts";
import { readLabel } from "./protobuf-label.ts";

export function readExemplar(wire: WireReader): ExposedExemplar {
  const outer = wire.end;
  const end = wire.range();
  wire.seek(wire.start, end);
  const labels: string[] = [];
  let value = 0;
  let timestamp: number | undefined;
  for (let tag = wire.tag(EXEMPLAR.message); tag !== 0; tag = wire.tag(EXEMPLAR.message)) {
    if (tag === 10) {
      const [nameStart, nameEnd, valueStart, valueEnd] = readLabel(wire);
      labels.push(textOf(wire.bytes, nameStart, nameEnd), textOf(wire.bytes, valueStart, valueEnd));
      checkCount(labels.length / 2, "exemplar labels");
    } else if (tag === 17) value = wire.double();
    else if (tag === 26) timestamp = readTimestamp(wire);
    else skipUnknown(wire, tag, EXEMPLAR);
  }
  wire.seek(end, outer);
  return { labels, value, timestamp };
}

/** Reads a google.protobuf.Timestamp. Returns ms since 1970. */
export function readTimestamp(wire: WireReader): number {
  const outer = wire.end;
  const end = wire.range();
  wire.seek(wire.start, end);
  let seconds = 0;
  let nanos = 0;
  for (let tag = wire.tag(TIMESTAMP.message); tag !== 0; tag = wire.tag(TIMESTAMP.message)) {
    if (tag === 8) seconds = wire.int64();
    else if (tag === 16) nanos = wire.int32();
    else skipUnknown(wire, tag, TIMESTAMP);
  }
  wire.seek(end, outer);
  return seconds * 1000 + Math.trunc(nanos / 1e6);
}
