import { isObject, valueAt } from "@narthex/dashboards";
import { plainText } from "../values/plain-text.ts";
import type { Trace, TraceSpan } from "./read-trace.ts";

/** An attribute with its value as text. */
export interface Attribute {
  readonly key: string;
  readonly value: string;
}

/** Something that happened during a span. */
interface SpanEvent {
  /** Time, epoch ms; null if it is unknown. */
  readonly time: number | null;
  readonly name: string;
  readonly attributes: readonly Attribute[];
}

/** A link from a span to another span, possibly of another trace. */
export interface SpanReference {
  readonly traceId: string;
  readonly spanId: string;
  readonly attributes: readonly Attribute[];
}

export interface SpanDetails {
  readonly attributes: readonly Attribute[];
  readonly resource: readonly Attribute[];
  readonly events: readonly SpanEvent[];
  readonly references: readonly SpanReference[];
  readonly warnings: readonly string[];
  readonly stackTraces: readonly string[];
  readonly statusCode: string;
  readonly statusMessage: string;
  readonly library: string;
  readonly traceState: string;
  /** Number of attributes, events and references that are not listed. */
  readonly hidden: number;
}

/** The largest number of entries of each list, and of characters of each text. */
const MAX_ENTRIES = 1000;
const MAX_CHARS = 100_000;

const STATUS: ReadonlyMap<string, string> = new Map([
  ["0", "Unset"],
  ["1", "OK"],
  ["2", "Error"],
]);

/** Reads the details of a span from its row in the frame. */
export function spanDetails({ frame }: Trace, { row }: TraceSpan): SpanDetails {
  const fields = new Map(frame.fields.map((field) => [field.name, field]));
  const at = (name: string): unknown => {
    const field = fields.get(name);
    return field === undefined ? null : valueAt(field, row);
  };
  let hidden = 0;
  const list = (name: string): readonly unknown[] => {
    const given = at(name);
    // Sources of tables return attributes as an object.
    const value = isObject(given) ? Object.entries(given).map(([key, own]) => ({ key, value: own })) : given;
    if (!Array.isArray(value)) return [];
    hidden += Math.max(0, value.length - MAX_ENTRIES);
    return value.slice(0, MAX_ENTRIES);
  };
  const status = at("statusCode");
  const library = [at("instrumentationLibraryName"), at("instrumentationLibraryVersion")].map(textOf).filter(Boolean);
  const attributes = attributesOf(list("tags"));
  return {
    attributes,
    resource: attributesOf(list("serviceTags")),
    events: list("logs").filter(isObject).map(eventOf),
    references: list("references").filter(isObject).map(referenceOf),
    warnings: list("warnings").map(textOf),
    stackTraces: list("stackTraces").map(textOf),
    statusCode: status === null ? "" : (STATUS.get(textOf(status)) ?? textOf(status)),
    statusMessage: textOf(at("statusMessage")),
    library: library.join(" "),
    traceState: textOf(at("traceState")),
    hidden,
  };
}

type Json = Readonly<Record<string, unknown>>;

function eventOf(event: Json): SpanEvent {
  const all = Array.isArray(event["fields"]) ? attributesOf(event["fields"].slice(0, MAX_ENTRIES)) : [];
  const own = textOf(event["name"]);
  // Events of Jaeger have their name among the attributes.
  const named = own === "" ? all.find(({ key }) => key === "event" || key === "message") : undefined;
  const time = Number(event["timestamp"]);
  return {
    time: Number.isFinite(time) && time > 0 ? time : null,
    name: named?.value ?? own,
    attributes: named === undefined ? all : all.filter((one) => one !== named),
  };
}

const referenceOf = (reference: Json): SpanReference => ({
  traceId: textOf(reference["traceID"]),
  spanId: textOf(reference["spanID"]),
  attributes: Array.isArray(reference["tags"]) ? attributesOf(reference["tags"].slice(0, MAX_ENTRIES)) : [],
});

const attributesOf = (pairs: readonly unknown[]): readonly Attribute[] =>
  pairs.filter(isObject).map(({ key, value }) => ({ key: textOf(key), value: textOf(value) }));

function textOf(value: unknown): string {
  const text = plainText(value);
  return text.length > MAX_CHARS ? `${text.slice(0, MAX_CHARS)}…` : text;
}
