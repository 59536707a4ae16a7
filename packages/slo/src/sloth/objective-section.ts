import {
  type Codec,
  decimal,
  field,
  type FieldPositions,
  flag,
  INVALID,
  listOf,
  millis,
  optional,
  type Position,
  type Report,
  section,
  text,
} from "@narthex/config";
import { isLabelName, METRIC_NAME } from "@narthex/model";
import { NO_TEXTS, texts } from "../codecs.ts";
import { joined, type Texts } from "../generated-rule.ts";
import type { AlertTexts, Indicator, PluginCall } from "../objective.ts";
import { indicatorSection, type Spelling } from "./indicator-section.ts";
import { pluginCall } from "./plugins.ts";

/** The plugins of a service or of an objective. */
export interface PluginChain {
  readonly overridePrevious: boolean;
  readonly chain: readonly PluginCall[];
}

export const NO_PLUGINS: PluginChain = { overridePrevious: false, chain: [] };

export const pluginChain: Codec<PluginChain> = section<PluginChain>(
  "plugins",
  { overridePrevious: field("overridePrevious", flag, false), chain: field("chain", listOf(pluginCall), []) },
  (raw, at, report) => {
    if (raw.overridePrevious && raw.chain.length === 0)
      report(at.self, "no-plugins", "overridePrevious is set without plugins", "write chain, or remove the key");
    return raw;
  },
);

interface RawAlert {
  readonly disable: boolean;
  readonly labels: Texts;
  readonly annotations: Texts;
}

interface RawAlerting {
  readonly name: string;
  readonly labels: Texts;
  readonly annotations: Texts;
  readonly page: RawAlert;
  readonly ticket: RawAlert;
}

interface Alerting {
  readonly page: AlertTexts | undefined;
  readonly ticket: AlertTexts | undefined;
}

/** An entry of `slos`, before the labels and plugins of its service are added. */
interface RawObjective {
  readonly name: string;
  readonly description: string;
  readonly objective: number;
  /** Undefined if the objective has the default window. */
  readonly windowMs: number | undefined;
  readonly labels: Texts;
  readonly indicator: Indicator | undefined;
  readonly alerting: Alerting | undefined;
  readonly plugins: PluginChain;
}

export interface PlacedObjective {
  readonly raw: RawObjective & { readonly indicator: Indicator; readonly alerting: Alerting };
  readonly at: FieldPositions<RawObjective>;
}

const alert: Codec<RawAlert> = section<RawAlert>("alert", {
  disable: field("disable", flag, false),
  labels: field("labels", texts, NO_TEXTS),
  annotations: field("annotations", texts, NO_TEXTS),
});

const NO_ALERT: RawAlert = { disable: false, labels: NO_TEXTS, annotations: NO_TEXTS };

function alertingSection(spelling: Spelling): Codec<Alerting> {
  const table = {
    name: field("name", text, ""),
    labels: field("labels", texts, NO_TEXTS),
    annotations: field("annotations", texts, NO_TEXTS),
    page: field(spelling("pageAlert"), alert, NO_ALERT),
    ticket: field(spelling("ticketAlert"), alert, NO_ALERT),
  };
  return section<RawAlerting, Alerting>("alerting", table, (raw, at, report) => {
    const of = (own: RawAlert): AlertTexts | undefined =>
      own.disable
        ? undefined
        : {
            name: raw.name,
            labels: joined(raw.labels, own.labels),
            annotations: joined(raw.annotations, own.annotations),
          };
    const [page, ticket] = [of(raw.page), of(raw.ticket)];
    if (raw.name === "" && (page ?? ticket) !== undefined) {
      const hint = `write name, or disable: true below ${spelling("pageAlert")} and ${spelling("ticketAlert")}`;
      report(at.self, "alert-name", "the alerts have no name", hint);
    }
    for (const given of [page, ticket]) if (given !== undefined) checkAlert(given, at.self, report);
    return { page, ticket };
  });
}

function checkAlert({ labels, annotations }: AlertTexts, at: Position, report: Report): void {
  checkLabels(labels, at, report);
  for (const [name, value] of annotations) {
    if (!isLabelName(name, "utf8"))
      report(at, "bad-annotation-name", `invalid annotation name: ${JSON.stringify(name)}`, "rename the annotation");
    if (value === "")
      report(at, "empty", `the annotation ${JSON.stringify(name)} is empty`, "write a text, or remove it");
  }
}

/** Reports labels that a series cannot have. */
export function checkLabels(labels: Texts, at: Position, report: Report): void {
  for (const [name, value] of labels) {
    if (!isLabelName(name, "utf8") || name === METRIC_NAME)
      report(at, "bad-label-name", `invalid label name: ${JSON.stringify(name)}`, "rename the label");
    if (value === "" || !value.isWellFormed())
      report(at, "bad-label-value", `the label ${JSON.stringify(name)} has no valid value`, "write a value");
  }
}

/** Matches a name that can be part of labels and of the names of rule groups. */
const NAME = /^[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])$/;

/** Reports a name of a service or an objective that Sloth refuses. */
export function checkName(name: string, what: string, at: Position, report: Report): void {
  if (name.length <= 200 && NAME.test(name)) return;
  report(
    at,
    "bad-name",
    name === "" ? `the ${what} has no name` : `the ${what} has an invalid name: ${JSON.stringify(name.slice(0, 200))}`,
    "write letters, digits, '.', '_' and '-', with a letter or digit at both ends",
  );
}

/** Reports an objective that is not a percentage. */
export function checkObjective(objective: number, at: Position, report: Report): void {
  if (objective > 0 && objective <= 100) return;
  report(at, "objective", `the objective ${objective} is not a percentage`, "write more than 0 and at most 100");
}

/** Returns the codec of an entry of `slos`. */
export function objectiveSection(spelling: Spelling, isOwn: boolean): Codec<PlacedObjective> {
  const table = {
    name: field("name", text, ""),
    description: field("description", text, ""),
    objective: field("objective", decimal, 0),
    windowMs: optional("window", millis),
    labels: field("labels", texts, NO_TEXTS),
    indicator: optional("sli", indicatorSection(spelling, isOwn)),
    alerting: optional("alerting", alertingSection(spelling)),
    plugins: field("plugins", pluginChain, NO_PLUGINS),
  };
  return section<RawObjective, PlacedObjective>("slo", table, (raw, at, report) => {
    checkName(raw.name, "objective", at.name, report);
    checkObjective(raw.objective, at.objective, report);
    checkLabels(raw.labels, at.labels, report);
    if (raw.windowMs !== undefined && !isOwn)
      report(at.windowMs, "window", "window is not part of this format", "remove it, or write version: narthex/v1");
    if (raw.indicator === undefined) {
      report(at.self, "indicator", "the objective has no sli", "write sli with events or raw");
      return INVALID;
    }
    if (raw.alerting === undefined && !isOwn) {
      const hint = `write alerting with a name, or with disable: true below ${spelling("pageAlert")} and ${spelling("ticketAlert")}`;
      report(at.self, "alerting", "the objective has no alerting", hint);
    }
    const alerting = raw.alerting ?? { page: undefined, ticket: undefined };
    return { raw: { ...raw, indicator: raw.indicator, alerting }, at };
  });
}
