import {
  ENTRY_END,
  ENTRY_HELP,
  ENTRY_HISTOGRAM,
  ENTRY_SERIES,
  ENTRY_TYPE,
  type FamilySample,
  type MetricFamily,
  ProtobufReader,
} from "@narthex/exposition";
import { type FloatHistogram, formatFloat, METRIC_NAME, parseGoFloat } from "@narthex/model";

/** A family while its entries are read. */
interface OpenFamily {
  name: string;
  help: string | undefined;
  type: MetricFamily["type"];
  samples: FamilySample[];
}

/** Families of delimited MetricFamily messages; a later one of the same name replaces an earlier. Throws ExpositionError. */
export function familiesFromProtobuf(body: Uint8Array): MetricFamily[] {
  const reader = new ProtobufReader(body, { nativeHistograms: true, alwaysClassic: true });
  const families = new Map<string, OpenFamily>();
  let current: OpenFamily = { name: "", help: undefined, type: "unknown", samples: [] };
  let start = -1;
  for (let kind = reader.next(); kind !== ENTRY_END; kind = reader.next()) {
    if (kind === ENTRY_HELP || kind === ENTRY_TYPE) {
      if (reader.metadataStart !== start || reader.familyName() !== current.name) {
        start = reader.metadataStart;
        current = { name: reader.familyName(), help: undefined, type: "unknown", samples: [] };
        families.set(current.name, current);
      }
      if (kind === ENTRY_HELP) current.help = reader.text();
      else current.type = reader.type;
    } else if (kind === ENTRY_SERIES || kind === ENTRY_HISTOGRAM) {
      addSample(current, sampleOf(reader, current), kind === ENTRY_HISTOGRAM ? reader.histogram() : undefined);
    }
  }
  return [...families.values()].filter((family) => family.samples.length > 0);
}

/** A native histogram rides on the count of its classic samples, and stands before them in the stream. */
function addSample(family: OpenFamily, sample: FamilySample, histogram: FloatHistogram | undefined): void {
  const { samples } = family;
  if (histogram !== undefined) {
    samples.push({ ...sample, suffix: "_count", value: histogram.count, histogram });
    samples.push({ ...sample, suffix: "_sum", value: histogram.sum });
    return;
  }
  const isRepeated = sample.suffix === "_count" || sample.suffix === "_sum";
  const rider = samples.findLast((one) => one.histogram !== undefined);
  if (isRepeated && rider !== undefined && rider.labels.join("\ud800") === sample.labels.join("\ud800")) return;
  samples.push(sample);
}

function sampleOf(reader: ProtobufReader, family: OpenFamily): FamilySample {
  const labels: string[] = [];
  const pairs = reader.labels();
  let suffix = "";
  for (let i = 0; i < pairs.length; i += 2) {
    if (pairs[i] === METRIC_NAME) suffix = pairs[i + 1]!.slice(family.name.length);
    else labels.push(pairs[i]!, pairs[i + 1]!);
  }
  const timestampMs = Number.isNaN(reader.timestamp) ? undefined : reader.timestamp;
  return { suffix, labels: withGoBounds(labels, family.type), value: reader.value, timestampMs };
}

/** `le` and `quantile` last and spelled as the text format has them (the reader gives OpenMetrics' `1.0`). */
function withGoBounds(labels: readonly string[], type: MetricFamily["type"]): readonly string[] {
  const part = type === "summary" ? "quantile" : type === "histogram" || type === "gaugehistogram" ? "le" : undefined;
  const at = part === undefined ? -1 : labels.findIndex((text, i) => i % 2 === 0 && text === part);
  if (at === -1) return labels;
  const bound = parseGoFloat(labels[at + 1]!);
  return [
    ...labels.slice(0, at),
    ...labels.slice(at + 2),
    part!,
    bound === undefined ? labels[at + 1]! : formatFloat(bound),
  ];
}
