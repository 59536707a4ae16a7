import {
  type Codec,
  type Decoded,
  type DecodeContext,
  decimal,
  field,
  type FieldPositions,
  flag,
  INVALID,
  listOf,
  optional,
  type Report,
  section,
  text,
  type YamlNode,
} from "@narthex/config";
import { DurationError, parseDuration } from "@narthex/model";
import { type AlertWindows, DEFAULT_PERIOD_MS } from "../alert-windows.ts";
import { anyNode, ignored } from "../codecs.ts";
import type { BurnRateAlert, SlothObjective } from "../objective.ts";
import { checkName, checkObjective } from "../sloth/objective-section.ts";
import { periodWindows, type ReadContext } from "../sloth/read-sloth.ts";
import { alertCondition, alertPolicy, metadata, policyAlert } from "./alert-policy.ts";
import {
  type Budgeting,
  indicatorSpec,
  objectiveIndicator,
  optionalValue,
  type OpenSloIndicator,
} from "./indicator.ts";
import type { NamedObjects, OpenSloObject } from "./named-objects.ts";

interface RawObjective {
  readonly displayName: string;
  readonly op: string;
  readonly value: number | undefined;
  readonly target: number | undefined;
  readonly targetPercent: number | undefined;
  readonly sliceTarget: number;
  readonly slice: string;
  readonly indicator: YamlNode | undefined;
  readonly indicatorRef: YamlNode | undefined;
  readonly weight: number;
}

interface PlacedObjective {
  readonly raw: RawObjective;
  readonly at: FieldPositions<RawObjective>;
}

const node = anyNode as Codec<YamlNode | undefined>;

const objective: Codec<PlacedObjective> = section<RawObjective, PlacedObjective>(
  "objective",
  {
    displayName: field("displayName", text, ""),
    op: field("op", text, ""),
    value: optionalValue,
    target: optional("target", decimal),
    targetPercent: optional("targetPercent", decimal),
    sliceTarget: field("timeSliceTarget", decimal, 1),
    slice: field("timeSliceWindow", text, "1m"),
    indicator: field("indicator", node, undefined),
    indicatorRef: field("indicatorRef", node, undefined),
    weight: field("compositeWeight", decimal, 1),
  },
  (raw, at, report) => {
    if ((raw.target === undefined) === (raw.targetPercent === undefined))
      report(at.self, "objective", "the objective needs target or targetPercent", "write one of the two");
    if (raw.weight !== 1)
      report(
        at.weight,
        "unsupported",
        "weights of composite objectives are not supported",
        "write one SLO for each part",
      );
    return { raw, at };
  },
);

interface TimeWindow {
  readonly duration: string;
  readonly isRolling: boolean;
  readonly calendar: undefined;
}

const timeWindow: Codec<number> = section<TimeWindow, number>(
  "timeWindow",
  {
    duration: field("duration", text, ""),
    isRolling: field("isRolling", flag, false),
    calendar: field("calendar", ignored, undefined),
  },
  ({ duration, isRolling }, at, report) => {
    const ms = durationOf(duration);
    if (!isRolling)
      report(
        at.self,
        "window",
        "windows of the calendar are not supported",
        "write isRolling: true and a duration such as 28d",
      );
    if (ms === undefined)
      report(at.duration, "window", `${JSON.stringify(duration)} is not a duration`, "write for example 28d or 4w");
    return ms ?? 0;
  },
);

function durationOf(text: string): number | undefined {
  try {
    return parseDuration(text);
  } catch (error) {
    if (!(error instanceof DurationError)) throw error;
    return undefined;
  }
}

const METHODS = ["Occurrences", "Timeslices", "RatioTimeslices"] as const;

interface RawSpec {
  readonly description: string;
  readonly service: string;
  readonly indicator: YamlNode | undefined;
  readonly indicatorRef: YamlNode | undefined;
  readonly windows: readonly number[];
  readonly method: string;
  readonly objectives: readonly PlacedObjective[];
  readonly policies: readonly YamlNode[];
}

interface PlacedSpec {
  readonly raw: RawSpec;
  readonly at: FieldPositions<RawSpec>;
}

const spec: Codec<PlacedSpec> = section<RawSpec, PlacedSpec>(
  "SLO",
  {
    description: field("description", text, ""),
    service: field("service", text, ""),
    indicator: field("indicator", node, undefined),
    indicatorRef: field("indicatorRef", node, undefined),
    windows: field("timeWindow", listOf(timeWindow), []),
    method: field("budgetingMethod", text, "Occurrences"),
    objectives: field("objectives", listOf(objective, { nullItem: "empty entry" }), []),
    policies: field("alertPolicies", listOf(anyNode), []),
  },
  (raw, at, report) => {
    checkName(raw.service, "service", at.service, report);
    if (raw.windows.length > 1) report(at.windows, "window", "there are several time windows", "write one");
    if (raw.objectives.length === 0) report(at.self, "no-objectives", "the SLO has no objectives", "write objectives");
    if (!METHODS.some((method) => method === raw.method))
      report(
        at.method,
        "method",
        `unknown budgetingMethod ${JSON.stringify(raw.method)}`,
        `write ${METHODS.join(", ")}`,
      );
    return { raw, at };
  },
);

/** Decodes an object SLO of `openslo/v1`. Each of its objectives becomes an objective of Sloth. */
export function readOpenSlo(
  object: OpenSloObject & { readonly spec: YamlNode },
  context: DecodeContext,
  named: NamedObjects,
  { catalog, extraLabels }: ReadContext,
): Decoded<readonly SlothObjective[]> {
  const decoded = spec.decode(object.spec, context);
  if (decoded === INVALID) return INVALID;
  const { raw, at } = decoded;
  const { name } = object.metadata;
  checkName(name, "SLO", object.spec, context.report);
  const windows = periodWindows(raw.windows[0] ?? DEFAULT_PERIOD_MS, true, catalog, at.windows, context.report);
  const alerts = raw.policies.flatMap((policy) => alertsOf(policy, context, named));
  if (windows === undefined) return INVALID;
  return raw.objectives.flatMap((placed, index): readonly SlothObjective[] => {
    const indicator = indicatorOf(placed, raw, at, context, named);
    if (indicator === undefined) return [];
    const own = raw.objectives.length === 1 ? name : `${name}-${index}`;
    return [objectiveOf(own, raw, placed, indicator, windows, alerts, context.report, extraLabels)];
  });
}

/** Returns the indicator of an objective. Reports a missing or unusable indicator, and then returns undefined. */
function indicatorOf(
  { raw, at }: PlacedObjective,
  slo: RawSpec,
  sloAt: FieldPositions<RawSpec>,
  context: DecodeContext,
  named: NamedObjects,
): SlothObjective["indicator"] | undefined {
  const found =
    givenIndicator(raw.indicator, raw.indicatorRef, context, named) ??
    givenIndicator(slo.indicator, slo.indicatorRef, context, named);
  if (found === INVALID) return undefined;
  if (found === undefined) {
    context.report(sloAt.self, "indicator", "the SLO has no indicator", "write indicator or indicatorRef");
    return undefined;
  }
  const method = slo.method as Budgeting["method"];
  if (method !== "Occurrences" && durationOf(raw.slice) === undefined) {
    context.report(at.slice, "slice", `${JSON.stringify(raw.slice)} is not a duration`, "write for example 1m");
    return undefined;
  }
  const budgeting = { method, slice: raw.slice, sliceTarget: raw.sliceTarget };
  const indicator = objectiveIndicator(found, raw.op, raw.value, budgeting);
  if (typeof indicator !== "string") return indicator;
  context.report(at.self, "indicator", indicator, "write op (lt, lte, gt, gte) and value");
  return undefined;
}

const inlineIndicator: Codec<OpenSloIndicator | undefined> = section<
  { metadata: { name: string }; spec: OpenSloIndicator | undefined },
  OpenSloIndicator | undefined
>(
  "indicator",
  { metadata: field("metadata", metadata, { name: "" }), spec: optional("spec", indicatorSpec) },
  (raw) => raw.spec,
);

function givenIndicator(
  inline: YamlNode | undefined,
  reference: YamlNode | undefined,
  context: DecodeContext,
  named: NamedObjects,
): Decoded<OpenSloIndicator> | undefined {
  if (inline !== undefined) return inlineIndicator.decode(inline, context);
  if (reference === undefined) return undefined;
  return named.find("SLI", nameIn(reference), indicatorSpec, reference, context);
}

const nameIn = (reference: YamlNode): string => (reference.kind === "scalar" ? reference.text : "");

const policyEntry = section<{
  kind: string;
  metadata: { name: string };
  reference: YamlNode | undefined;
  spec: YamlNode | undefined;
}>("alertPolicy", {
  kind: field("kind", text, ""),
  metadata: field("metadata", metadata, { name: "" }),
  reference: field("alertPolicyRef", node, undefined),
  spec: field("spec", node, undefined),
});

const conditionEntry = section<{
  kind: string;
  metadata: { name: string };
  reference: YamlNode | undefined;
  spec: YamlNode | undefined;
}>("condition", {
  kind: field("kind", text, ""),
  metadata: field("metadata", metadata, { name: "" }),
  reference: field("conditionRef", node, undefined),
  spec: field("spec", node, undefined),
});

/** Returns the alerts of one entry of `alertPolicies`, which contains or names a policy. */
function alertsOf(entry: YamlNode, context: DecodeContext, named: NamedObjects): readonly BurnRateAlert[] {
  const read = policyEntry.decode(entry, context);
  if (read === INVALID) return [];
  const policy =
    read.reference === undefined
      ? alertPolicy.decode(read.spec ?? entry, context)
      : named.find("AlertPolicy", nameIn(read.reference), alertPolicy, read.reference, context);
  if (policy === INVALID || !policy.isBreaching) return [];
  const name = read.reference === undefined ? read.metadata.name : nameIn(read.reference);
  return policy.conditions.flatMap((one) => {
    const condition = conditionEntry.decode(one, context);
    if (condition === INVALID) return [];
    const found =
      condition.reference === undefined
        ? alertCondition.decode(condition.spec ?? one, context)
        : named.find("AlertCondition", nameIn(condition.reference), alertCondition, condition.reference, context);
    return found === INVALID ? [] : [policyAlert(name, policy, found)];
  });
}

function objectiveOf(
  name: string,
  slo: RawSpec,
  { raw, at }: PlacedObjective,
  indicator: SlothObjective["indicator"],
  windows: AlertWindows,
  burnRateAlerts: readonly BurnRateAlert[],
  report: Report,
  labels: SlothObjective["labels"],
): SlothObjective {
  const percent = raw.targetPercent ?? (raw.target ?? 0) * 100;
  checkObjective(percent, at.self, report);
  return {
    line: at.self.line,
    column: at.self.column,
    name,
    service: slo.service,
    description: slo.description === "" ? raw.displayName : slo.description,
    objective: percent,
    windowMs: windows.periodMs,
    windows,
    labels,
    indicator,
    isCounted: true,
    page: undefined,
    ticket: undefined,
    burnRateAlerts,
    plugins: [],
    onlyPlugins: false,
    spec: "openslo/v1",
    mode: "cli-gen-openslo",
  };
}
