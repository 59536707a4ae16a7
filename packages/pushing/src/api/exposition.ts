import { WireWriter } from "@narthex/bytes";
import {
  type AnswerFormat,
  escapeFamilies,
  type EscapingScheme,
  gather,
  type MetricFamily,
  writeProtobuf,
  writeText,
} from "@narthex/exposition";
import { compareBytewise } from "@narthex/model";
import type { FamilyIndex } from "../groups/family-index.ts";
import { familyHead, type MetricParts, metricLines, shownName } from "../metrics/metric-text.ts";
import { readProtobufBody } from "../body/protobuf-body.ts";
import type { SharedFamily } from "../groups/shared-family.ts";
import { byteText, metricWire, sortKey } from "../metrics/stored-family.ts";

/** All metrics with one name, encoded for a scrape. Each character represents one byte. */
interface Piece {
  readonly name: string;
  readonly bytes: string;
}

/** Returns the gateway's own metrics and all pushed metrics, in the format that the scraper requested. */
export function exposeFamilies(
  ownFamilies: readonly MetricFamily[],
  index: FamilyIndex,
  { format, escaping }: Pick<AnswerFormat, "format" | "escaping">,
): Buffer {
  const own = new Map(gather(ownFamilies).map((family) => [family.name, family]));
  const isText = format !== "protobuf";
  const pieces: Piece[] = [];
  for (const shared of index.names) {
    const { name, type } = shared;
    if (type === undefined) continue;
    const mine = own.get(name);
    own.delete(name);
    const help = mine?.help ?? shared.help;
    let bytes: string;
    if (mine !== undefined) bytes = merged(mine, shared, isText, escaping);
    else if (isText) bytes = shared.text(help, escaping);
    else bytes = message(name, help, type, wireOf(shared, escaping), escaping);
    pieces.push({ name, bytes });
  }
  for (const family of own.values()) {
    const escaped = [...escapeFamilies([family], escaping)];
    const bytes = isText ? byteText(writeText(escaped)) : Buffer.from(writeProtobuf(escaped)).toString("latin1");
    pieces.push({ name: family.name, bytes });
  }
  pieces.sort((a, b) => compareBytewise(a.name, b.name));
  return joined(pieces);
}

/** Joins the encoded metrics as bytes. A single string would exceed JavaScript's limit from 512 MiB on. */
function joined(pieces: readonly Piece[]): Buffer {
  const whole = Buffer.allocUnsafe(pieces.reduce((sum, { bytes }) => sum + bytes.length, 0));
  let at = 0;
  for (const { bytes } of pieces) at += whole.write(bytes, at, "latin1");
  return whole;
}

/** Merges the process's own metrics and the pushed metrics with the same name, in sorted order. */
function merged(own: MetricFamily, shared: SharedFamily, isText: boolean, escaping: EscapingScheme): string {
  const read = readProtobufBody(writeProtobuf([own]));
  const mine: readonly MetricParts[] = read.ok ? read.families.flatMap(({ metrics }) => metrics) : [];
  const keyed = [...mine, ...shared.metrics()].map((metric) => ({ metric, key: sortKey(metric) }));
  keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  const metrics = keyed.map(({ metric }) => metric);
  const { name } = shared;
  const type = shared.type!;
  if (!isText) return message(name, own.help, type, escapedWire(metrics, escaping), escaping);
  const lines = metrics.map((metric) => metricLines(name, type, metric, escaping));
  return byteText(familyHead(name, own.help, type, escaping) + lines.join(""));
}

function wireOf(shared: SharedFamily, escaping: EscapingScheme): string {
  const isKept = escaping === "allow-utf-8" || !shared.isOdd;
  return isKept ? shared.wire() : escapedWire(shared.metrics(), escaping);
}

const escapedWire = (metrics: readonly MetricParts[], escaping: EscapingScheme): string =>
  metrics
    .map(({ labels, value }) =>
      metricWire({ labels: labels.map((text, i) => (i % 2 === 0 ? shownName(text, escaping) : text)), value }),
    )
    .join("");

/** Returns a protobuf MetricFamily message, preceded by its length. */
function message(
  name: string,
  help: string | undefined,
  type: number,
  metrics: string,
  escaping: EscapingScheme,
): string {
  const head = new WireWriter(256);
  head.string(1, shownName(name, escaping));
  if (help !== undefined) head.string(2, help);
  head.uint64(3, type);
  const length = new WireWriter(16);
  length.varint(head.length + metrics.length);
  const bytes = Buffer.concat([length.written, head.written]);
  return bytes.toString("latin1") + metrics;
}
