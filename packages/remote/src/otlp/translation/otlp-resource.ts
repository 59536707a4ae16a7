import { readText } from "../../receiver/series-labels.ts";
import { skipUnknown, utf8Text, type WireReader } from "@narthex/bytes";
import type { OtlpConfig } from "@narthex/config";
import { PartBudget } from "../../message-limits.ts";
import { readAttribute } from "./attribute-values.ts";
import type { LabelNamer } from "./label-names.ts";
import { addAttributes, sortedPairs } from "./otlp-labels.ts";
import { RESOURCE, SCOPE } from "../message/otlp-messages.ts";

type Pairs = readonly (readonly [name: string, value: string])[];

/** Labels that series get from their OTLP resource. */
export interface OtlpResource {
  /** The labels job and instance, if the resource has them. */
  readonly identity: Pairs;
  /**
   * Attributes of the resource that become labels of series, unless a series already has a label with the same name. If several attributes have the same label name, the first attribute counts.
   */
  readonly promoted: Pairs;
  /**
   * Labels of the series target_info for the resource, without its name: name, value, name, value … Undefined if this
   * series is not needed.
   */
  readonly targetInfo: readonly string[] | undefined;
}

/** Labels that series get from their OTLP scope. */
export type OtlpScope = Pairs;

const NAME = "service.name";
const NAMESPACE = "service.namespace";
const INSTANCE = "service.instance.id";
const IDENTIFYING: readonly string[] = [NAMESPACE, NAME, INSTANCE];

/** Reads a protobuf message Resource, up to the end of the reader. */
export function readResource(wire: WireReader, config: OtlpConfig, labelName: LabelNamer): OtlpResource {
  const attributes: string[] = [];
  const part = new PartBudget();
  for (let tag = wire.tag(RESOURCE.fields.message); tag !== 0; tag = wire.tag(RESOURCE.fields.message)) {
    if (tag === 10) readAttribute(wire, attributes, part);
    else if (tag === 16) wire.uint32();
    else skipUnknown(wire, tag, RESOURCE.fields);
  }
  const identity = identityOf(attributes);
  return {
    identity,
    promoted: promotedOf(attributes, config, labelName),
    targetInfo: targetInfoOf(attributes, identity, config, labelName),
  };
}

/** Returns the value of an attribute; the first value if the attribute is repeated. */
function valueOf(attributes: readonly string[], key: string): string | undefined {
  for (let i = 0; i < attributes.length; i += 2) if (attributes[i] === key) return attributes[i + 1];
  return undefined;
}

function identityOf(attributes: readonly string[]): Pairs {
  const [name, namespace, instance] = [NAME, NAMESPACE, INSTANCE].map((key) => valueOf(attributes, key));
  const identity: [string, string][] = [];
  if (name !== undefined) identity.push(["job", namespace === undefined ? name : `${namespace}/${name}`]);
  if (instance !== undefined) identity.push(["instance", instance]);
  return identity;
}

function promotedOf(attributes: readonly string[], config: OtlpConfig, labelName: LabelNamer): Pairs {
  const { promoteAllResourceAttributes: all, promoteResourceAttributes, ignoreResourceAttributes } = config;
  const named = new Set(all ? ignoreResourceAttributes : promoteResourceAttributes);
  return sortedPairs(attributes)
    .filter(([key]) => named.has(key) !== all)
    .map(([key, value]) => [labelName(key), value] as const);
}

/**
 * Returns the labels of a resource's series target_info. Returns undefined if all attributes become job and instance,
 * because target_info would have no data. Also returns undefined if the resource has neither of these two labels,
 * because queries could not join the series.
 */
function targetInfoOf(
  attributes: readonly string[],
  identity: Pairs,
  config: OtlpConfig,
  labelName: LabelNamer,
): readonly string[] | undefined {
  const identifying = IDENTIFYING.filter((key) => valueOf(attributes, key) !== undefined);
  if (attributes.length / 2 === identifying.length) return undefined;
  const names: string[] = [];
  for (let i = 0; i < attributes.length; i += 2) {
    const isKept = config.keepIdentifyingResourceAttributes || !IDENTIFYING.includes(attributes[i]!);
    if (isKept) names.push(attributes[i]!, attributes[i + 1]!);
  }
  const labels = new Map<string, string>();
  addAttributes(labels, names, labelName);
  for (const [name, value] of identity) labels.set(name, value);
  labels.delete("__name__");
  return labels.has("job") || labels.has("instance") ? [...labels].flat() : undefined;
}

/**
 * Reads a protobuf message InstrumentationScope, up to the end of the reader. A scope without a name gives no labels.
 */
export function readScope(wire: WireReader, schemaUrl: Uint8Array, labelName: LabelNamer): OtlpScope {
  const attributes: string[] = [];
  const part = new PartBudget();
  let [name, version] = ["", ""];
  for (let tag = wire.tag(SCOPE.fields.message); tag !== 0; tag = wire.tag(SCOPE.fields.message)) {
    if (tag === 10) name = readText(wire);
    else if (tag === 18) version = readText(wire);
    else if (tag === 26) readAttribute(wire, attributes, part);
    else if (tag === 32) wire.uint32();
    else skipUnknown(wire, tag, SCOPE.fields);
  }
  if (name === "") return [];
  const labels = new Map<string, string>();
  for (let i = 0; i < attributes.length; i += 2)
    labels.set(labelName(`otel_scope_${attributes[i]}`), attributes[i + 1]!);
  labels.set("otel_scope_name", name);
  labels.set("otel_scope_version", version);
  labels.set("otel_scope_schema_url", utf8Text(schemaUrl));
  return [...labels];
}
