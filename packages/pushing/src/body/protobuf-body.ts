import { utf8Text, WIRE_LENGTH, WIRE_VARINT, WireError, WireReader } from "@narthex/bytes";
import { COUNTER, GAUGE_HISTOGRAM } from "../metrics/metric-type.ts";
import type { ReadFamily, ReadMetric } from "../metrics/read-family.ts";
import { MetricCount } from "./metric-count.ts";
import type { FamiliesRead } from "./text-body.ts";
import { runToEnd, type Steps } from "@narthex/runtime";
import { METRICS_PER_STEP } from "../step-size.ts";

/** Which fields of a protobuf message contain messages, by field number. The content of other fields is not checked. */
interface Shape {
  readonly [field: number]: Shape;
}

const LEAF: Shape = {};
/** The protobuf message Exemplar, which contains labels and a timestamp. */
const EXEMPLAR: Shape = { 1: LEAF, 3: LEAF };
const SPAN = LEAF;
const HISTOGRAM_SHAPE: Shape = { 3: { 3: EXEMPLAR }, 9: SPAN, 12: SPAN, 15: LEAF, 16: EXEMPLAR };
/** Shape of the protobuf message io.prometheus.client.Metric: its fields that contain messages. */
const METRIC_SHAPE: Shape = {
  1: LEAF,
  2: LEAF,
  3: { 2: EXEMPLAR, 3: LEAF },
  4: { 3: LEAF, 4: LEAF },
  5: LEAF,
  7: HISTOGRAM_SHAPE,
};

const EOF_INSIDE = "unexpected EOF";
/** Go's error message for any input that is not valid protobuf. */
const BAD_WIRE = "proto: cannot parse invalid wire-format data";

/**
 * Reads a pushed protobuf body, which consists of MetricFamily messages with their lengths. If two families have the
 * same name, the later one counts. Throws PushTooLarge.
 */
export function* protobufBodySteps(body: Uint8Array, count = new MetricCount()): Steps<FamiliesRead> {
  const families = new Map<string, ReadFamily>();
  const lengths = new WireReader(body);
  while (lengths.at < body.length) {
    let end: number;
    try {
      end = lengths.range();
    } catch {
      return { ok: false, message: EOF_INSIDE };
    }
    try {
      const family = yield* familySteps(new WireReader(body, lengths.start, end), count);
      families.set(family.name, family);
    } catch (error) {
      if (error instanceof WireError) return { ok: false, message: BAD_WIRE };
      throw error;
    }
  }
  return { ok: true, families: [...families.values()] };
}

/** Reads a protobuf body completely, without yielding to other work. */
export const readProtobufBody = (body: Uint8Array): FamiliesRead => runToEnd(protobufBodySteps(body));

const tagOf = (field: number, wire: number): number => field * 8 + wire;

const NAME = tagOf(1, WIRE_LENGTH);
const HELP = tagOf(2, WIRE_LENGTH);
const TYPE = tagOf(3, WIRE_VARINT);
const METRIC = tagOf(4, WIRE_LENGTH);
const LABEL = tagOf(1, WIRE_LENGTH);
const LABEL_VALUE = tagOf(2, WIRE_LENGTH);
const TIMESTAMP = tagOf(6, WIRE_VARINT);

/**
 * Reads one MetricFamily message, up to the end of the reader. Throws WireError and, if `count` is given, PushTooLarge.
 */
export function* familySteps(reader: WireReader, count?: MetricCount): Steps<ReadFamily> {
  let name = "";
  let help: string | undefined;
  let type = COUNTER;
  let isTimed = false;
  const metrics: ReadMetric[] = [];
  for (let tag = reader.tag("MetricFamily"); tag !== 0; tag = reader.tag("MetricFamily")) {
    if (tag === NAME) name = text(reader);
    else if (tag === HELP) help = text(reader);
    else if (tag === TYPE) {
      // Ignores a type number that the schema does not define.
      const given = reader.uint64();
      if (given <= GAUGE_HISTOGRAM) type = given;
    } else if (tag === METRIC) {
      const end = reader.range();
      count?.add();
      const { metric, hasTime } = readMetric(new WireReader(reader.bytes, reader.start, end), count);
      metrics.push(metric);
      if (metrics.length % METRICS_PER_STEP === 0) yield;
      isTimed ||= hasTime;
    } else reader.skip(tag);
  }
  return { name, help, type, metrics, isTimed };
}

function readMetric(reader: WireReader, count: MetricCount | undefined): { metric: ReadMetric; hasTime: boolean } {
  const labels: string[] = [];
  const kept: Uint8Array[] = [];
  const parts = new PartCount(count);
  let hasTime = false;
  for (let from = reader.at, tag = reader.tag("Metric"); tag !== 0; from = reader.at, tag = reader.tag("Metric")) {
    if (tag === TIMESTAMP) {
      reader.int64();
      hasTime = true;
    } else if (tag === LABEL) {
      const end = reader.range();
      for (const item of readLabel(new WireReader(reader.bytes, reader.start, end))) labels.push(item);
      count?.checkLabels(labels.length / 2);
    } else {
      checkField(reader, tag, METRIC_SHAPE, parts);
      kept.push(reader.bytes.subarray(from, reader.at));
    }
  }
  return { metric: { labels, value: Buffer.concat(kept) }, hasTime };
}

function readLabel(reader: WireReader): [name: string, value: string] {
  let [name, value] = ["", ""];
  for (let tag = reader.tag("LabelPair"); tag !== 0; tag = reader.tag("LabelPair")) {
    if (tag === LABEL) name = text(reader);
    else if (tag === LABEL_VALUE) value = text(reader);
    else reader.skip(tag);
  }
  return [name, value];
}

function text(reader: WireReader): string {
  const end = reader.range();
  return utf8Text(reader.bytes.subarray(reader.start, end));
}

/** Skips a field of a message. Checks that nested messages are valid protobuf. */
function checkField(reader: WireReader, tag: number, shape: Shape, parts: PartCount): void {
  parts.add();
  const nested = (tag & 7) === WIRE_LENGTH ? shape[tag >>> 3] : undefined;
  if (nested === undefined) return reader.skip(tag);
  const end = reader.range();
  const inside = new WireReader(reader.bytes, reader.start, end);
  for (let one = inside.tag(""); one !== 0; one = inside.tag("")) checkField(inside, one, nested, parts);
}

/** Counts the fields of a metric, including the fields of nested messages. */
class PartCount {
  readonly #limits: MetricCount | undefined;
  #count = 0;

  constructor(limits: MetricCount | undefined) {
    this.#limits = limits;
  }

  /** Counts one more field of a metric. Throws PushTooLarge if there are too many. */
  add(): void {
    this.#limits?.checkParts(++this.#count);
  }
}
