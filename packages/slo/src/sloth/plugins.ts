import {
  type Codec,
  decimal,
  type DecodeContext,
  type Decoded,
  field,
  flag,
  integer,
  INVALID,
  listOf,
  mapOf,
  millis,
  section,
  text,
  type YamlNode,
} from "@narthex/config";
import { formatDuration, formatFloat } from "@narthex/model";
import { anyNode, NO_TEXTS, texts } from "../codecs.ts";
import { type GeneratedRule, joined, type Texts } from "../generated-rule.ts";
import type { PluginCall, PluginStep, RuleParts, SlothObjective } from "../objective.ts";
import { withWindow } from "../window-template.ts";
import { countedRule, averagedRule, ratioRule, recordedWindows } from "./indicator-rules.ts";
import { identityLabels, selectorOf, WINDOW_LABEL } from "./labels.ts";
import { BUDGET_REMAINING, INFO } from "./metadata-rules.ts";
import { recordAlerts, recordMetadata, recordRatios } from "./sloth-rules.ts";

/** Builds a plugin's step from its `config`. */
type Plugin = (config: YamlNode, context: DecodeContext) => Decoded<PluginStep>;

/** Returns the plugin whose configuration a section decodes. */
const plugin =
  <C extends object>(config: Codec<C>, step: (config: C) => PluginStep): Plugin =>
  (node, context) => {
    const decoded = config.decode(node, context.within("config"));
    return decoded === INVALID ? INVALID : step(decoded);
  };

const unoptimized = section<{ disableOptimized: boolean }>("sli_rules config", {
  disableOptimized: field("disableOptimized", flag, false),
});

const infoLabels = section<{ labels: Texts; metricName: string }>(
  "info_labels config",
  { labels: field("labels", texts, NO_TEXTS), metricName: field("metricName", text, INFO) },
  (raw, at, report) => {
    if (raw.labels.size === 0) report(at.self, "no-labels", "at least one label is required", "write labels");
    return raw;
  },
);

const removeLabels = section<{ preserved: readonly string[]; skipped: readonly string[] }>("remove_labels config", {
  preserved: field("preserveLabels", listOf(text), []),
  skipped: field("skipMetrics", listOf(text), []),
});

interface Intervals {
  readonly default: number;
  readonly sliError: number;
  readonly metadata: number;
  readonly alert: number;
}

const intervals = section<{ interval: Intervals }>("rule_intervals config", {
  interval: field(
    "interval",
    section<Intervals>(
      "interval",
      {
        default: field("default", millis, 0),
        sliError: field("sliError", millis, 0),
        metadata: field("metadata", millis, 0),
        alert: field("alert", millis, 0),
      },
      (raw, at, report) => {
        if (raw.default === 0) report(at.self, "no-default", "the default interval is required", "write default: 1m");
        return raw;
      },
    ),
    { default: 0, sliError: 0, metadata: 0, alert: 0 },
  ),
});

interface Exhausted {
  readonly threshold: number;
  readonly forMs: number;
  readonly annotations: Texts;
  readonly alertName: string;
  readonly selectorLabels: Texts;
  readonly alertLabels: Texts;
}

const exhausted = section<Exhausted>("error_budget_exhausted_alert config", {
  threshold: field("threshold", decimal, 0),
  forMs: field("for", millis, 300_000),
  annotations: field("annotations", texts, NO_TEXTS),
  alertName: field("alert_name", text, "ErrorBudgetExhausted"),
  selectorLabels: field("selector_labels", texts, NO_TEXTS),
  alertLabels: field("alert_labels", texts, NO_TEXTS),
});

const noConfig = section<object>("config", {});
const anything: Codec<ReadonlyMap<string, YamlNode>> = mapOf(anyNode, "config");
const nothing: PluginStep = () => undefined;

/** Sloth's own plugins by name. To add one, add its configuration above and a row here. */
const PLUGINS: ReadonlyMap<string, Plugin> = new Map<string, Plugin>([
  ["sloth.dev/core/validate/v1", plugin(noConfig, () => nothing)],
  ["sloth.dev/core/noop/v1", plugin(noConfig, () => nothing)],
  ["sloth.dev/core/debug/v1", plugin(anything, () => nothing)],
  ["sloth.dev/core/sli_rules/v1", plugin(unoptimized, ratioStep)],
  ["sloth.dev/core/metadata_rules/v1", plugin(noConfig, () => recordMetadata)],
  ["sloth.dev/core/alert_rules/v1", plugin(noConfig, () => recordAlerts)],
  ["sloth.dev/contrib/denominator_corrected_rules/v1", plugin(unoptimized, correctedStep)],
  ["sloth.dev/contrib/error_budget_exhausted_alert/v1", plugin(exhausted, exhaustedStep)],
  ["sloth.dev/contrib/info_labels/v1", plugin(infoLabels, infoLabelsStep)],
  ["sloth.dev/contrib/remove_labels/v1", plugin(removeLabels, removeLabelsStep)],
  ["sloth.dev/contrib/rule_intervals/v1", plugin(intervals, intervalsStep)],
]);

interface RawCall {
  readonly id: string;
  readonly config: YamlNode | undefined;
  readonly priority: number;
}

const rawCall = section<RawCall>("plugin", {
  id: field("id", text, ""),
  config: field<YamlNode | undefined>("config", anyNode, undefined),
  priority: field("priority", integer, 0),
});

/** Codec of one entry of a plugin chain. */
export const pluginCall: Codec<PluginCall> = {
  ...(rawCall as unknown as Codec<PluginCall>),
  decode(node, context) {
    const raw = rawCall.decode(node, context);
    if (raw === INVALID) return INVALID;
    const make = PLUGINS.get(raw.id);
    if (make === undefined) {
      context.report(
        node,
        "unknown-plugin",
        `the plugin ${JSON.stringify(raw.id)} cannot run here`,
        `use one of ${[...PLUGINS.keys()].join(", ")}`,
      );
      return INVALID;
    }
    const empty: YamlNode = { kind: "map", entries: [], line: node.line, column: node.column };
    const apply = make(raw.config ?? empty, context);
    return apply === INVALID ? INVALID : { apply, priority: raw.priority };
  },
};

function ratioStep({ disableOptimized }: { readonly disableOptimized: boolean }): PluginStep {
  return (objective, parts) => {
    recordRatios(objective, parts);
    if (!disableOptimized || objective.isCounted) return;
    const rules = [...parts.indicator.rules.slice(0, -1), countedRule(objective, objective.windowMs)];
    parts.indicator = { ...parts.indicator, rules };
  };
}

/** Returns the step that weights each window by its share of the events of the whole period. */
function correctedStep({ disableOptimized }: { readonly disableOptimized: boolean }): PluginStep {
  return (objective, parts) => {
    const { indicator } = objective;
    if (indicator.kind !== "events") return;
    const windows = recordedWindows(objective);
    const ratios = windows.map((windowMs) => {
      const correction = `${CORRECTION}${formatDuration(windowMs)}${selectorOf(identityLabels(objective))}`;
      const query = `(\n${correction}\n* on()\n${indicator.errorQuery}\n)\n/\n(${indicator.totalQuery})\n`;
      return ratioRule(objective, windowMs, withWindow(query, windowMs));
    });
    const whole = disableOptimized ? countedRule(objective, objective.windowMs) : averagedRule(objective);
    parts.indicator = { ...parts.indicator, rules: [...ratios, whole] };
    const labels = joined(identityLabels(objective), objective.labels);
    const corrections = windows.map((windowMs): GeneratedRule => {
      const [own, all] = [windowMs, objective.windowMs].map((ms) => withWindow(indicator.totalQuery, ms));
      return { record: `${CORRECTION}${formatDuration(windowMs)}`, expr: `(${own})/(${all})`, labels };
    });
    parts.metadata = { ...parts.metadata, rules: [...parts.metadata.rules, ...corrections] };
  };
}

const CORRECTION = "slo:numerator_correction:ratio";

function exhaustedStep(config: Exhausted): PluginStep {
  return (objective, parts) => {
    const selector = selectorOf(joined(identityLabels(objective), objective.labels, config.selectorLabels));
    const rule: GeneratedRule = {
      alert: config.alertName,
      expr: `${BUDGET_REMAINING}${selector} <= ${formatFloat(config.threshold)}`,
      forMs: config.forMs,
      labels: config.alertLabels,
      annotations: config.annotations,
    };
    parts.alerts = { ...parts.alerts, rules: [...parts.alerts.rules, rule] };
  };
}

function infoLabelsStep({ labels, metricName }: { labels: Texts; metricName: string }): PluginStep {
  return (_objective, parts) => {
    const index = parts.metadata.rules.findIndex(({ record }) => record === metricName);
    const rules = parts.metadata.rules.map((rule, at) =>
      at === index ? { ...rule, labels: joined(rule.labels, labels) } : rule,
    );
    parts.metadata = { ...parts.metadata, rules };
  };
}

interface RemovedLabels {
  readonly preserved: readonly string[];
  readonly skipped: readonly string[];
}

function removeLabelsStep({ preserved, skipped }: RemovedLabels): PluginStep {
  return (objective, parts) => {
    const kept = new Set([...identityLabels(objective).keys(), ...preserved]);
    const skips = new Set([INFO, ...skipped]);
    const without = (rule: GeneratedRule, names: ReadonlySet<string>): GeneratedRule =>
      rule.record !== undefined && skips.has(rule.record)
        ? rule
        : { ...rule, labels: new Map([...rule.labels].filter(([name]) => names.has(name))) };
    const withWindowLabel = new Set([...kept, WINDOW_LABEL]);
    const { indicator, period, metadata } = parts;
    parts.indicator = { ...indicator, rules: indicator.rules.map((rule) => without(rule, withWindowLabel)) };
    parts.period = { ...period, rules: period.rules.map((rule) => without(rule, withWindowLabel)) };
    parts.metadata = { ...metadata, rules: metadata.rules.map((rule) => without(rule, kept)) };
  };
}

function intervalsStep({ interval }: { readonly interval: Intervals }): PluginStep {
  const of = (ms: number): number => (ms === 0 ? interval.default : ms);
  return (_objective: SlothObjective, parts: RuleParts) => {
    parts.indicator = { ...parts.indicator, intervalMs: of(interval.sliError) };
    parts.metadata = { ...parts.metadata, intervalMs: of(interval.metadata) };
    parts.alerts = { ...parts.alerts, intervalMs: of(interval.alert) };
  };
}
