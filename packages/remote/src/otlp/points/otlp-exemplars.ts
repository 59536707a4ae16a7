import { skipUnknown, type WireReader } from "@narthex/bytes";
import { Labels } from "@narthex/model";
import type { Exemplar } from "@narthex/storage";
import { readAttribute } from "../translation/attribute-values.ts";
import { checkMessage } from "../message/check-message.ts";
import { MAX_PART_BYTES, MAX_PART_VALUES, PartBudget, partTooLarge } from "../../message-limits.ts";
import { EXEMPLAR } from "../message/otlp-messages.ts";
import { millisecondsOf, signedOf } from "../message/wire-times.ts";

/** Maximum total length of the label names and values of an exemplar, in characters. */
const MAX_CHARACTERS = 128;

const words = new Uint32Array(2);

/**
 * Reads exemplars of an OTLP data point. Returns undefined if any exemplar has no value. Throws WireError.
 * @param ranges positions of the protobuf messages: start, end, start, end …
 */
export function readExemplars(wire: WireReader, ranges: readonly number[]): Exemplar[] | undefined {
  const exemplars: Exemplar[] = [];
  for (let i = 0; i < ranges.length; i += 2) {
    wire.seek(ranges[i]!, ranges[i + 1]!);
    checkMessage(wire, EXEMPLAR);
    wire.seek(ranges[i]!, ranges[i + 1]!);
    const exemplar = readExemplar(wire);
    if (exemplar === undefined) return undefined;
    exemplars.push(exemplar);
  }
  return exemplars;
}

function readExemplar(wire: WireReader): Exemplar | undefined {
  const attributes: string[] = [];
  const part = new PartBudget();
  let [traceId, spanId] = ["", ""];
  let timestamp = 0;
  let value: number | undefined;
  for (let tag = wire.tag(EXEMPLAR.fields.message); tag !== 0; tag = wire.tag(EXEMPLAR.fields.message)) {
    if (tag === 17) {
      wire.doubleWords(words, 0);
      timestamp = millisecondsOf(words[0]!, words[1]!);
    } else if (tag === 25) value = wire.double();
    else if (tag === 34) spanId = readId(wire);
    else if (tag === 42) traceId = readId(wire);
    else if (tag === 49) {
      wire.doubleWords(words, 0);
      value = signedOf(words[0]!, words[1]!);
    } else if (tag === 58) readAttribute(wire, attributes, part);
    else skipUnknown(wire, tag, EXEMPLAR.fields);
  }
  return value === undefined ? undefined : { labels: exemplarLabels(traceId, spanId, attributes), value, timestamp };
}

/** Reads a trace or span id and returns it in hexadecimal. Returns an empty string if the id is absent or all zeros. */
function readId(wire: WireReader): string {
  const end = wire.range();
  const id = wire.bytes.subarray(wire.start, end);
  return id.some((byte) => byte !== 0) ? Buffer.from(id).toString("hex") : "";
}

/** Returns the labels of an exemplar. Omits the attributes if the labels would become too long. */
function exemplarLabels(traceId: string, spanId: string, attributes: readonly string[]): Labels {
  const entries: [string, string][] = [];
  if (traceId !== "") entries.push(["trace_id", traceId]);
  if (spanId !== "") entries.push(["span_id", spanId]);
  let characters = 0;
  for (const text of [...entries.flat(), ...attributes]) characters += Array.from(text).length;
  if (characters <= MAX_CHARACTERS) {
    // Accepts any labels, because labels of exemplars are not validated. Bytes that are not UTF-8 become U+FFFD.
    const [names, values] = [0, 1].map((part) => attributes.filter((_, i) => i % 2 === part));
    for (const [i, name] of names!.entries()) entries.push([name.toWellFormed(), values![i]!.toWellFormed()]);
  }
  return Labels.of(entries);
}

/** Message if the remaining data points of a metric are left out because an exemplar of the metric has no value. */
export const UNSUPPORTED_EXEMPLAR = "unsupported exemplar value type: Empty";

/** Skips a field with a nested message, and adds start and end of the message to `ranges`. */
export function noteRange(wire: WireReader, ranges: number[]): void {
  const end = wire.range();
  if (end - wire.start > MAX_PART_BYTES || ranges.length === MAX_PART_VALUES * 2) throw partTooLarge();
  ranges.push(wire.start, end);
}
