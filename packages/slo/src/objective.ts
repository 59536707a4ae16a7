import type { Position } from "@narthex/config";
import type { AlertWindows, BurnRateWindow } from "./alert-windows.ts";
import type { GeneratedGroup, Texts } from "./generated-rule.ts";

/** A query for the share of bad events. Each text contains `{{.window}}` in place of the range. */
export type Indicator =
  | { readonly kind: "events"; readonly errorQuery: string; readonly totalQuery: string }
  | { readonly kind: "raw"; readonly errorRatioQuery: string };

/** The name of an alert, and its labels and annotations in addition to the generated ones. */
export interface AlertTexts {
  readonly name: string;
  readonly labels: Texts;
  readonly annotations: Texts;
}

/** An alert on the burn rate of one window, as OpenSLO's alert conditions describe it. */
export interface BurnRateAlert extends AlertTexts {
  readonly windowMs: number;
  readonly factor: number;
  readonly operator: string;
  readonly forMs: number;
}

/** An objective whose rules have the names and labels of Sloth. */
export interface SlothObjective extends Position {
  readonly name: string;
  readonly service: string;
  readonly description: string;
  /** Share of good events, in percent. */
  readonly objective: number;
  readonly windowMs: number;
  readonly windows: AlertWindows;
  readonly labels: Texts;
  readonly indicator: Indicator;
  /** True if the error ratio of the whole window is computed from the events, not from the recorded ratios. */
  readonly isCounted: boolean;
  /** Undefined if the alert is disabled. */
  readonly page: AlertTexts | undefined;
  readonly ticket: AlertTexts | undefined;
  readonly burnRateAlerts: readonly BurnRateAlert[];
  readonly plugins: readonly PluginCall[];
  /** True if only the listed plugins are used, not Sloth's standard ones. */
  readonly onlyPlugins: boolean;
  /** Value of the label `sloth_spec`. */
  readonly spec: string;
  /** Value of the label `sloth_mode`. */
  readonly mode: string;
}

/** A plugin of Sloth that an objective names, with its configuration applied. */
export interface PluginCall {
  readonly apply: PluginStep;
  readonly priority: number;
}

/** The parts of an objective's rules, in the order in which they are written. */
export interface RuleParts {
  indicator: GeneratedGroup;
  metadata: GeneratedGroup;
  alerts: GeneratedGroup;
  /** Rules of the whole window that are evaluated less often. */
  period: GeneratedGroup;
}

/** Changes the parts of the rules. `version` is the value of the label `sloth_version`. */
export type PluginStep = (objective: SlothObjective, parts: RuleParts, version: string) => void;

/** PromQL queries that show the state of an objective. They read series that the generated rules record. */
export interface BudgetQueries {
  /** Share of bad events in the whole window, from 0 to 1. */
  readonly errorRatio: string;
  /** Share of bad events in shorter windows, from the shortest to the longest. */
  readonly windows: readonly { readonly windowMs: number; readonly errorRatio: string }[];
  /** Label that all alerts of the objective have, and its value. */
  readonly alertLabels: Texts;
}

/** An objective of a file, with the rules that are generated from it. */
export interface ServiceLevel extends Position {
  readonly file: string;
  readonly format: "narthex" | "openslo" | "pyrra" | "sloth";
  /** Unique within the server: service and name. */
  readonly id: string;
  readonly name: string;
  readonly service: string;
  readonly description: string;
  /** Share of good events, from 0 to 1. */
  readonly objective: number;
  readonly windowMs: number;
  readonly labels: Texts;
  readonly groups: readonly GeneratedGroup[];
  readonly burnRates: readonly BurnRateWindow[];
  readonly queries: BudgetQueries;
}
