import { skipUnknown, type WireReader } from "@narthex/bytes";
import type { ExposedExemplar } from "../entries.ts";
import { COUNTER, GAUGE, UNTYPED } from "./metric-messages.ts";
import { readExemplar, readTimestamp } from "./protobuf-exemplar.ts";

/** Values of the Gauge, Counter and Untyped messages of a metric. If a message is repeated, the last one is used. */
export interface PlainBodies {
  gauge: number;
  counter: number;
  untyped: number;
  exemplars: readonly ExposedExemplar[];
  /** Start time in ms since 1970, or 0 if the message has none. */
  startTimestamp: number;
}

/** Reads a Gauge, Counter or Untyped message. The tag of its field in Metric determines which one. */
export function readPlain(wire: WireReader, bodyTag: number, into: PlainBodies): void {
  const body = bodyTag === 18 ? "gauge" : bodyTag === 26 ? "counter" : "untyped";
  const message = bodyTag === 18 ? GAUGE : bodyTag === 26 ? COUNTER : UNTYPED;
  for (let tag = wire.tag(message.message); tag !== 0; tag = wire.tag(message.message)) {
    if (tag === 9) into[body] = wire.double();
    else if (tag === 18 && body === "counter") into.exemplars = [readExemplar(wire)];
    else if (tag === 26 && body === "counter") into.startTimestamp = readTimestamp(wire);
    else skipUnknown(wire, tag, message);
  }
}
