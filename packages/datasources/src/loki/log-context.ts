import type { JsonObject } from "@narthex/dashboards";
import { isLegacyLabelName, quote } from "@narthex/model";
import { numberAt, objectAt, textAt } from "../json-values.ts";
import type { ApiCall } from "../prometheus/prometheus-api.ts";
import { QueryFailure } from "../query-failure.ts";
import type { LokiApi, LokiQuery } from "./loki-api.ts";
import type { LokiLine } from "./stream-reader.ts";

/** How far from a line the lines around it are searched: two hours, in nanoseconds. */
const AROUND_NS = 7_200_000_000_000n;
const NANOSECONDS = /^\d{1,19}$/;
const USUAL_LINES = 20;
const MAX_LINES = 500;
/** Labels that Loki adds to lines and that are no labels of streams. */
const ADDED_LABELS: ReadonlySet<string> = new Set(["detected_level", "__error__", "__error_details__"]);

/** A request for the lines of a stream directly before or after a line. */
export interface ContextRequest {
  /** Labels of the line, with their types if the server has sent them. */
  readonly labels: ReadonlyMap<string, string>;
  readonly types: JsonObject | undefined;
  /** Time of the line in nanoseconds, as decimal text. */
  readonly nanoseconds: string;
  readonly direction: "before" | "after";
  readonly maxLines: number;
}

/** Reads the request of a page. Throws QueryFailure if it is invalid. */
export function readContextRequest(body: JsonObject): ContextRequest {
  const labels = Object.entries(objectAt(body, "labels") ?? {}).filter(
    (label): label is [string, string] => typeof label[1] === "string" && isLegacyLabelName(label[0]),
  );
  const direction = textAt(body, "direction");
  if (direction !== "before" && direction !== "after")
    throw new QueryFailure(400, `the direction "${direction.slice(0, 100)}" is not "before" or "after"`);
  const nanoseconds = textAt(body, "nanoseconds");
  if (!NANOSECONDS.test(nanoseconds))
    throw new QueryFailure(400, "the time of the line is not a number of nanoseconds, as decimal text");
  const wanted = Math.floor(numberAt(body, "limit") ?? USUAL_LINES);
  return {
    labels: new Map(labels),
    types: objectAt(body, "labelTypes"),
    nanoseconds,
    direction,
    maxLines: Math.min(MAX_LINES, Math.max(1, wanted)),
  };
}

/** Returns the lines around a line, the nearest first. The line itself may be among the lines after it. */
export async function contextLines(api: LokiApi, request: ContextRequest, call: ApiCall): Promise<readonly LokiLine[]> {
  const { nanoseconds, direction, maxLines } = request;
  const at = BigInt(nanoseconds);
  const isBefore = direction === "before";
  const range = isBefore ? ([at - AROUND_NS, at] as const) : ([at, at + AROUND_NS] as const);
  const [from, to] = range.map((end) => Number(end / 1_000_000n)) as [number, number];
  const labels = await streamLabels(api, request, { from, to }, call);
  if (labels.length === 0) throw new QueryFailure(422, "the line has no label that the data source has indexed");
  const query: LokiQuery = {
    expr: `{${labels.map(([name, value]) => `${name}=${quote(value)}`).join(",")}}`,
    range: { from, to },
    exact: { start: String(range[0] < 0n ? 0n : range[0]), end: String(range[1]) },
    stepMs: 1000,
    isInstant: false,
    maxLines,
    direction: isBefore ? "backward" : "forward",
  };
  const { logs } = await api.query(query, call);
  return (logs?.lines ?? []).toSorted((a, b) => {
    const difference = BigInt(a.nanoseconds) - BigInt(b.nanoseconds);
    return (isBefore ? -1 : 1) * (difference < 0n ? -1 : difference > 0n ? 1 : 0);
  });
}

/** Returns the labels of a line that select its stream. Asks the server for its labels if the types are unknown. */
async function streamLabels(
  api: LokiApi,
  { labels, types }: ContextRequest,
  range: { readonly from: number; readonly to: number },
  call: ApiCall,
): Promise<readonly (readonly [name: string, value: string])[]> {
  const all = [...labels];
  if (types !== undefined) return all.filter(([name]) => types[name] === "I");
  const indexed = new Set(await api.labelNames("", range, call));
  return all.filter(([name]) => indexed.has(name) && !ADDED_LABELS.has(name));
}
