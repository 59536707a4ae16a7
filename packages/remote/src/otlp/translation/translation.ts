import { ByteMap, ByteWriter, utf8Text, WireReader } from "@narthex/bytes";
import type { OtlpConfig } from "@narthex/config";
import { METRIC_NAME } from "@narthex/model";
import type { MetricMetadata } from "@narthex/storage";
import { readAttributes } from "./attribute-values.ts";
import { type LabelNamer, labelNamer } from "./label-names.ts";
import { metricName, type MetricKind, unitName } from "./metric-names.ts";
import { type OtlpResource, type OtlpScope, readResource, readScope } from "./otlp-resource.ts";
import { addAttributes, pointSeries, setTypeAndUnit } from "./otlp-labels.ts";
import { TripleNumbers } from "./triple-numbers.ts";

/** An OTLP metric with all properties that are needed to name its series. */
export interface OtlpMetric {
  /** Kind of the metric, or undefined for the series target_info. */
  readonly kind: MetricKind | undefined;
  readonly name: string;
  readonly metadata: MetricMetadata;
}

const TARGET_INFO: OtlpMetric = {
  kind: undefined,
  name: "target_info",
  metadata: { type: "gauge", help: "Target metadata", unit: "" },
};
/** Index of target_info in the list of metrics, and of the scope without labels in the list of scopes. */
const FIRST = 0;

/** The fields of an OTLP metric that determine its series. Texts are ranges of message bytes. */
export interface MetricFields {
  readonly kind: MetricKind;
  readonly isDelta: boolean;
  readonly name: Uint8Array;
  readonly unit: Uint8Array;
  readonly description: Uint8Array;
}

/**
 * Factor in the estimated memory of a resource, scope or metric: its length times this factor, plus a fixed number of
 * bytes.
 */
const BYTES_PER_BYTE = 4;
const BYTES_PER_ENTRY = 256;

/**
 * Translates each OTLP resource, scope and metric once, and gives each a number that stays valid in later requests.
 * Also creates the labels of new series.
 */
export class Translation {
  /** Number of times that several attributes became labels with the same name. */
  collisions = 0;
  readonly config: OtlpConfig;
  readonly #labelName: LabelNamer;
  readonly #typeAndUnitLabels: boolean;
  readonly #withHelp: boolean;
  readonly #resourceKeys = new ByteMap();
  readonly #resources: OtlpResource[] = [];
  readonly #scopeKeys = new ByteMap();
  readonly #scopes: OtlpScope[] = [];
  readonly #metricKeys = new ByteMap();
  readonly #metrics: OtlpMetric[] = [TARGET_INFO];
  readonly #families = new TripleNumbers();
  /** Whether any series of a resource is stored (1), by the number of the resource. */
  #isStored = new Uint8Array(256);
  /** Total size in bytes of the resources with a stored series. */
  #storedBytes = 0;
  readonly #key = new ByteWriter();

  /**
   * @param options `typeAndUnitLabels`: whether series get labels for type and unit; `withHelp`: whether metrics with
   * different descriptions count as different
   */
  constructor(config: OtlpConfig, options: { readonly typeAndUnitLabels: boolean; readonly withHelp: boolean }) {
    this.config = config;
    this.#labelName = labelNamer(config);
    this.#typeAndUnitLabels = options.typeAndUnitLabels;
    this.#withHelp = options.withHelp;
    this.#metricKeys.add(new Uint8Array(), 0, 0);
    this.#scopeKeys.add(new Uint8Array(), 0, 0);
    this.#scopes.push([]);
  }

  /** Approximate memory in bytes of metrics, scopes, and resources without a stored series. */
  get spareBytes(): number {
    const keys = [this.#resourceKeys, this.#scopeKeys, this.#metricKeys];
    return keys.reduce(
      (sum, { keyBytes, size }) => sum + bytesKept(keyBytes, size),
      this.#families.byteLength - this.#storedBytes,
    );
  }

  /**
   * Records that a series of this family (resource, scope and metric) is stored. The memory of the resource then no
   * longer counts as spare.
   */
  noteStored(family: number): void {
    const resource = this.#families.first(family);
    if (resource >= this.#isStored.length) {
      const longer = new Uint8Array(resource * 2);
      longer.set(this.#isStored);
      this.#isStored = longer;
    }
    if (this.#isStored[resource] === 1) return;
    this.#isStored[resource] = 1;
    this.#storedBytes += bytesKept(this.#resourceKeys.lengthOf(resource), 1);
  }

  /** Returns the number of a resource, which is identified by its whole message. */
  resource(message: Uint8Array): number {
    const known = this.#resourceKeys.find(message, 0, message.length);
    if (known >= 0) return known;
    // Reads the resource before it gets a number, so that an invalid resource message gets no number.
    this.#resources.push(readResource(new WireReader(message), this.config, this.#labelName));
    return this.#resourceKeys.add(message, 0, message.length);
  }

  /**
   * Returns the number of a scope that gives labels to series. A scope is identified by its whole message and its
   * schema URL.
   */
  scope(message: Uint8Array, schemaUrl: Uint8Array): number {
    if (!this.config.promoteScopeMetadata) return FIRST;
    const key = this.#key;
    key.reset();
    key.u32(message.length);
    key.put(message);
    key.put(schemaUrl);
    const known = this.#scopeKeys.find(key.bytes, 0, key.length);
    if (known >= 0) return known;
    this.#scopes.push(readScope(new WireReader(message), schemaUrl, this.#labelName));
    return this.#scopeKeys.add(key.bytes, 0, key.length);
  }

  /**
   * Returns the number of a family, which is a resource, scope and metric. Series of one family differ only in their
   * data points.
   */
  family(resource: number, scope: number, fields: MetricFields): number {
    const { kind, isDelta, name, unit, description } = fields;
    const key = this.#key;
    key.reset();
    key.u8(KINDS.indexOf(kind) * 2 + (isDelta ? 1 : 0));
    key.u32(name.length);
    key.put(name);
    key.u32(unit.length);
    key.put(unit);
    if (this.#withHelp) key.put(description);
    const number = this.#metricKeys.add(key.bytes, 0, key.length);
    if (number === this.#metrics.length) this.#metrics.push(this.#metric(fields));
    return this.#families.add(resource, scope, number);
  }

  #metric({ kind, isDelta, name, unit, description }: MetricFields): OtlpMetric {
    const unitText = utf8Text(unit);
    return {
      kind,
      name: metricName(utf8Text(name), unitText, kind, this.config.translationStrategy),
      metadata: {
        // Delta metrics have the type "unknown", because Prometheus has no type for deltas.
        type: isDelta ? "unknown" : TYPES[kind],
        help: utf8Text(description),
        unit: unitName(unitText),
      },
    };
  }

  /**
   * Returns the number of the family of a resource's series target_info. Undefined if the resource needs no such
   * series.
   */
  targetInfo(resource: number): number | undefined {
    return this.#resources[resource]!.targetInfo === undefined ? undefined : this.#families.add(resource, FIRST, FIRST);
  }

  metricOf(family: number): OtlpMetric {
    return this.#metrics[this.#families.third(family)]!;
  }

  /**
   * Returns the labels of a series, as name, value, name, value … in any order. The labels may be invalid.
   * @param layout doubles: the bounds of a classic histogram's buckets or a summary's quantiles
   * @param offset number of the series within the data point
   */
  labels(family: number, attributes: Uint8Array, layout: Uint8Array, offset: number): string[] {
    const resource = this.#resources[this.#families.first(family)]!;
    const metric = this.metricOf(family);
    if (metric.kind === undefined) return [...resource.targetInfo!, METRIC_NAME, metric.name];
    const labels = this.#attributeLabels(attributes);
    for (const [name, value] of resource.promoted) if (!labels.has(name)) labels.set(name, value);
    for (const [name, value] of resource.identity) labels.set(name, value);
    for (const [name, value] of this.#scopes[this.#families.second(family)]!) labels.set(name, value);
    if (this.#typeAndUnitLabels) setTypeAndUnit(labels, metric.metadata);
    const { suffix, pair } = pointSeries(metric.kind, layout, offset);
    if (pair !== undefined) labels.set(...pair);
    labels.set(METRIC_NAME, metric.name + suffix);
    return [...labels].flat();
  }

  #attributeLabels(attributes: Uint8Array): Map<string, string> {
    const labels = new Map<string, string>();
    const pairs = readAttributes(new WireReader(attributes), []);
    if (addAttributes(labels, pairs, this.#labelName)) this.collisions++;
    return labels;
  }
}

const KINDS: readonly MetricKind[] = [
  "gauge",
  "monotonic sum",
  "non-monotonic sum",
  "histogram",
  "exponential histogram",
  "summary",
];

const TYPES: Readonly<Record<MetricKind, string>> = {
  gauge: "gauge",
  "monotonic sum": "counter",
  "non-monotonic sum": "gauge",
  histogram: "histogram",
  "exponential histogram": "histogram",
  summary: "summary",
};

function bytesKept(bytes: number, entries: number): number {
  return bytes * BYTES_PER_BYTE + entries * BYTES_PER_ENTRY;
}
