import { type Codec, field, flag, INVALID, listOf, millis, optional, section, text } from "@narthex/config";
import { ignored, lenient, NO_TEXTS, quotedNumber, texts } from "../codecs.ts";
import type { Texts } from "../generated-rule.ts";
import {
  type Metric,
  metricOf,
  type PyrraAlerting,
  type PyrraIndicator,
  type PyrraObjective,
} from "./pyrra-objective.ts";

/** Prefix of labels and annotations that an object passes to its rules. */
const PREFIX = "pyrra.dev/";

const metric: Codec<Metric> = {
  goType: "string",
  decode(node, context) {
    const written = text.decode(node, context);
    if (written === INVALID) return INVALID;
    const read = metricOf(written);
    if (typeof read !== "string") return read;
    context.reportValue(node, "metric", read, 'write a selector such as http_requests_total{job="api"}');
    return INVALID;
  },
  encode: () => null,
  isZero: () => false,
};

const query: Codec<Metric> = section<{ metric: Metric | undefined }, Metric>(
  "query",
  { metric: optional("metric", metric) },
  (raw, at, report) => {
    if (raw.metric !== undefined) return raw.metric;
    report(at.self, "metric", "metric is missing", "write a selector");
    return INVALID;
  },
);

interface Grouped {
  readonly indicator: PyrraIndicator;
  readonly grouping: readonly string[];
}

const grouping = field("grouping", listOf(text), []);

/** Returns a codec for an indicator that has two selectors. */
function pair(part: "errors" | "success", make: (part: Metric, total: Metric) => PyrraIndicator): Codec<Grouped> {
  const table = { part: optional(part, query), total: optional("total", query), grouping };
  return section<{ part: Metric | undefined; total: Metric | undefined; grouping: readonly string[] }, Grouped>(
    "indicator",
    table,
    (raw, at, report) => {
      if (raw.part !== undefined && raw.total !== undefined)
        return { indicator: make(raw.part, raw.total), grouping: raw.grouping };
      report(at.self, "metric", `${part} and total are required`, "write both");
      return INVALID;
    },
  );
}

const ratio = pair("errors", (errors, total) => ({ kind: "ratio", errors, total }));

const latencyPair = pair("success", (success, total) => ({ kind: "latency", success, total }));
const latency: Codec<Grouped> = {
  ...latencyPair,
  decode(node, context) {
    const read = latencyPair.decode(node, context);
    if (read === INVALID || read.indicator.kind !== "latency") return read;
    const le = read.indicator.success.matchers.find(({ name }) => name === "le");
    if (le !== undefined && Number.isFinite(Number(le.value)) && le.value !== "") return read;
    context.report(
      node,
      "metric",
      "success has no matcher for the label le with a number",
      'write for example le="0.4"',
    );
    return INVALID;
  },
};

const latencyNative = section<{ total: Metric | undefined; latency: number; grouping: readonly string[] }, Grouped>(
  "indicator",
  { total: optional("total", query), latency: field("latency", millis, 0), grouping },
  (raw, at, report) => {
    if (raw.total !== undefined && raw.latency > 0) {
      const indicator = { kind: "latencyNative", total: raw.total, seconds: raw.latency / 1000 } as const;
      return { indicator, grouping: raw.grouping };
    }
    report(at.self, "metric", "total and latency are required", "write both, the latency as a duration such as 200ms");
    return INVALID;
  },
);

const boolGauge = section<{ metric: Metric | undefined; grouping: readonly string[] }, Grouped>(
  "indicator",
  { metric: optional("metric", metric), grouping },
  (raw, at, report) => {
    if (raw.metric !== undefined)
      return { indicator: { kind: "boolGauge", total: raw.metric }, grouping: raw.grouping };
    report(at.self, "metric", "metric is missing", "write a selector");
    return INVALID;
  },
);

type Kinds = { readonly [K in "ratio" | "latency" | "latencyNative" | "boolGauge"]: Grouped | undefined };

const indicator: Codec<Grouped> = section<Kinds, Grouped>(
  "indicator",
  {
    ratio: optional("ratio", ratio),
    latency: optional("latency", latency),
    latencyNative: optional("latencyNative", latencyNative),
    boolGauge: optional("bool_gauge", boolGauge),
  },
  (kinds, at, report) => {
    const given = [kinds.ratio, kinds.latency, kinds.latencyNative, kinds.boolGauge].filter((one) => one !== undefined);
    if (given.length === 1) return given[0]!;
    report(
      at.self,
      "indicator",
      "the objective needs exactly one indicator",
      "write ratio, latency, latencyNative or bool_gauge",
    );
    return INVALID;
  },
);

interface Severities {
  readonly absent: string;
  readonly fast: string;
  readonly medium: string;
  readonly slow: string;
  readonly longTerm: string;
}

const NO_SEVERITIES: Severities = { absent: "", fast: "", medium: "", slow: "", longTerm: "" };

const severities = section<Severities>("severities", {
  absent: field("absent", text, ""),
  fast: field("fastBurn", text, ""),
  medium: field("mediumBurn", text, ""),
  slow: field("slowBurn", text, ""),
  longTerm: field("longTermBurn", text, ""),
});

interface RawAlerting {
  readonly disabled: boolean;
  readonly burnrates: boolean;
  readonly absent: boolean;
  readonly name: string;
  readonly absentName: string;
  readonly severities: Severities;
}

const alertingOf = (raw: RawAlerting): PyrraAlerting => ({
  burnRates: raw.burnrates && !raw.disabled,
  absent: raw.absent,
  name: raw.name === "" ? "ErrorBudgetBurn" : raw.name,
  absentName: raw.absentName === "" ? "SLOMetricAbsent" : raw.absentName,
  severities: {
    absent: raw.severities.absent,
    burnRates: [raw.severities.fast, raw.severities.medium, raw.severities.slow, raw.severities.longTerm],
  },
});

const STANDARD_ALERTING: RawAlerting = {
  disabled: false,
  burnrates: true,
  absent: true,
  name: "",
  absentName: "",
  severities: NO_SEVERITIES,
};

const alerting: Codec<PyrraAlerting> = section<RawAlerting, PyrraAlerting>(
  "alerting",
  {
    disabled: field("disabled", flag, false),
    burnrates: field("burnrates", flag, true),
    absent: field("absent", flag, true),
    name: field("name", text, ""),
    absentName: field("absentName", text, ""),
    severities: field("severities", severities, NO_SEVERITIES),
  },
  alertingOf,
);

interface Spec {
  readonly description: string;
  readonly target: number;
  readonly windowMs: number;
  readonly grouped: Grouped | undefined;
  readonly alerting: PyrraAlerting;
  readonly isApproximate: boolean;
  readonly strategy: undefined;
  readonly ruleOutput: undefined;
}

const spec: Codec<Spec> = section<Spec>(
  "spec",
  {
    description: field("description", text, ""),
    target: field("target", quotedNumber, 0),
    windowMs: field("window", millis, 0),
    grouped: optional("indicator", indicator),
    alerting: field("alerting", alerting, alertingOf(STANDARD_ALERTING)),
    isApproximate: field("performanceOverAccuracy", flag, false),
    strategy: field("partial_response_strategy", ignored, undefined),
    ruleOutput: field("ruleOutput", ignored, undefined),
  },
  (raw, at, report) => {
    if (!(raw.target > 0 && raw.target <= 100))
      report(
        at.target,
        "objective",
        `the target ${raw.target} is not a percentage`,
        "write more than 0 and at most 100",
      );
    if (raw.windowMs < 86_400_000)
      report(at.windowMs, "window", "the window is shorter than a day", "write for example 4w");
    if (raw.grouped === undefined) report(at.self, "indicator", "the objective has no indicator", "write indicator");
    return raw;
  },
);

interface Metadata {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Texts;
  readonly annotations: Texts;
}

const metadata: Codec<Metadata> = lenient(
  section<Metadata>("metadata", {
    name: field("name", text, ""),
    namespace: field("namespace", text, ""),
    labels: field("labels", texts, NO_TEXTS),
    annotations: field("annotations", texts, NO_TEXTS),
  }),
);

/** Returns the texts whose names have Pyrra's prefix, without the prefix. */
const passedOn = (all: Texts): Texts =>
  new Map(
    [...all].filter(([name]) => name.startsWith(PREFIX)).map(([name, value]) => [name.slice(PREFIX.length), value]),
  );

const NO_METADATA: Metadata = { name: "", namespace: "", labels: NO_TEXTS, annotations: NO_TEXTS };

/** Codec of Pyrra's object `ServiceLevelObjective`. */
export const pyrraObject: Codec<PyrraObjective> = section<
  { apiVersion: string; kind: string; metadata: Metadata; spec: Spec | undefined; status: undefined },
  PyrraObjective
>(
  "ServiceLevelObjective",
  {
    apiVersion: field("apiVersion", text, ""),
    kind: field("kind", text, ""),
    metadata: field("metadata", metadata, NO_METADATA),
    spec: optional("spec", spec),
    status: field("status", ignored, undefined),
  },
  ({ metadata: { name, namespace, labels, annotations }, spec: own }, at, report) => {
    if (name === "") report(at.metadata, "bad-name", "the objective has no name", "write metadata.name");
    if (own?.grouped === undefined) {
      if (own === undefined) report(at.self, "indicator", "the objective has no spec", "write spec");
      return INVALID;
    }
    const { line, column } = at.self;
    return {
      line,
      column,
      name,
      namespace,
      description: own.description,
      labels: passedOn(labels),
      annotations: passedOn(annotations),
      target: own.target / 100,
      windowMs: own.windowMs,
      isApproximate: own.isApproximate,
      grouping: own.grouped.grouping,
      alerting: own.alerting,
      indicator: own.grouped.indicator,
    };
  },
);
