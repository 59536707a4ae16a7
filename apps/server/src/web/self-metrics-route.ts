import { type FamilySample, gather, type MetricFamily } from "@narthex/exposition";
import { access, ApiError, formValues, goJson, sendJson, type SelfMetrics } from "@narthex/http";
import { compilePattern, PatternError } from "@narthex/model";
import { SELECTOR_LIMITS, TextBudget } from "@narthex/promql";
import type { FastifyInstance } from "fastify";

/** Serves `/status/self_metrics`, the server's own metrics in the JSON form of protobuf. */
export function selfMetricsRoute(app: FastifyInstance, metrics: SelfMetrics): void {
  app.get("/status/self_metrics", access("read"), async (request, reply) => {
    const isWanted = nameTest(formValues(request).get("metric_name_pattern") ?? "");
    const families = gather(await metrics.families()).filter(({ name }) => isWanted(name));
    return sendJson(reply, `{"status":"success","data":${goJson(families.map(familyJson))}}`);
  });
}

function nameTest(pattern: string): (name: string) => boolean {
  if (pattern === "") return () => true;
  const budget = new TextBudget(SELECTOR_LIMITS);
  const problem = budget.takeText(pattern) ?? budget.takePattern(pattern);
  if (problem !== undefined) throw new ApiError("bad_data", `invalid metric_name_pattern: ${problem}`);
  try {
    const compiled = compilePattern(pattern);
    return (name) => compiled.test(name);
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    throw new ApiError("bad_data", `invalid metric_name_pattern: ${error.message}`);
  }
}

const TYPES: Readonly<Partial<Record<MetricFamily["type"], string>>> = {
  counter: "COUNTER",
  gauge: "GAUGE",
  summary: "SUMMARY",
  histogram: "HISTOGRAM",
  gaugehistogram: "GAUGE_HISTOGRAM",
};

type Json = Readonly<Record<string, unknown>>;

/** Returns a metric family in protobuf's JSON form. 64-bit integers are strings; so are NaN and infinities. */
function familyJson({ name, help, type, samples }: MetricFamily): Json {
  const isCompound = type === "histogram" || type === "gaugehistogram" || type === "summary";
  const metric = isCompound ? compounds(type === "summary", samples) : samples.map((sample) => simple(type, sample));
  return { name, help, type: TYPES[type] ?? "UNTYPED", metric };
}

function simple(type: MetricFamily["type"], { labels, value }: FamilySample): Json {
  const kind = type === "counter" || type === "gauge" ? type : "untyped";
  return { ...labelsJson(labels), [kind]: { value: float(value) } };
}

function compounds(isSummary: boolean, samples: readonly FamilySample[]): readonly Json[] {
  const [key, list] = isSummary ? ["quantile", "quantile"] : ["le", "bucket"];
  const found = new Map<string, { labels: readonly string[]; parts: Record<string, unknown>; entries: Json[] }>();
  for (const { suffix, labels, value } of samples) {
    const [own, bound] = without(labels, key);
    const id = own.join("\xff");
    let one = found.get(id);
    if (one === undefined) found.set(id, (one = { labels: own, parts: {}, entries: [] }));
    if (suffix === "_count") one.parts["sampleCount"] = String(value);
    else if (suffix === "_sum") one.parts["sampleSum"] = float(value);
    else if (isSummary) one.entries.push({ quantile: float(Number(bound)), value: float(value) });
    // Omits the last bucket (`+Inf`) from the list of buckets. Its value is the total count.
    else if (bound !== "+Inf") one.entries.push({ cumulativeCount: String(value), upperBound: float(Number(bound)) });
  }
  return [...found.values()].map(({ labels, parts, entries }) => ({
    ...labelsJson(labels),
    [isSummary ? "summary" : "histogram"]: { ...parts, ...(entries.length > 0 && { [list]: entries }) },
  }));
}

/** Returns the labels without the label `name`, and the value of this label. */
function without(labels: readonly string[], name: string): readonly [readonly string[], string] {
  const own: string[] = [];
  let value = "";
  for (let i = 0; i < labels.length; i += 2) {
    if (labels[i] === name) value = labels[i + 1]!;
    else own.push(labels[i]!, labels[i + 1]!);
  }
  return [own, value];
}

function labelsJson(labels: readonly string[]): Json {
  const label: Json[] = [];
  for (let i = 0; i < labels.length; i += 2) label.push({ name: labels[i], value: labels[i + 1] });
  return label.length === 0 ? {} : { label };
}

const float = (value: number): number | string =>
  Number.isFinite(value) ? value : Number.isNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
