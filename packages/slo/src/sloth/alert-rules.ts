import { formatFloat } from "@narthex/model";
import { type AlertWindow, burnRateFactor } from "../alert-windows.ts";
import { type GeneratedRule, joined } from "../generated-rule.ts";
import type { AlertTexts, BurnRateAlert, SlothObjective } from "../objective.ts";
import { errorRatioMetric, identityLabels, selectorOf, WINDOW_LABEL } from "./labels.ts";

/** Returns the alerts of an objective: page and ticket as Sloth writes them, and alerts on single windows. */
export function alertRules(objective: SlothObjective): readonly GeneratedRule[] {
  const { windows, page, ticket, burnRateAlerts } = objective;
  return [
    ...(page === undefined ? [] : [alertRule(objective, "page", page, windows.pageQuick, windows.pageSlow)]),
    ...(ticket === undefined ? [] : [alertRule(objective, "ticket", ticket, windows.ticketQuick, windows.ticketSlow)]),
    ...burnRateAlerts.map((alert) => singleWindowRule(objective, alert)),
  ];
}

/** Returns the error budget as Sloth computes it: with the rounding of the difference to 100. */
const budgetOf = ({ objective }: SlothObjective): string => formatFloat((100 - objective) / 100);

function alertRule(
  objective: SlothObjective,
  severity: string,
  texts: AlertTexts,
  quick: AlertWindow,
  slow: AlertWindow,
): GeneratedRule {
  const either = [quick, slow].map((window) => bothWindows(objective, window)).join("or\n");
  return { alert: texts.name, expr: either, ...alertTexts(severity, texts) };
}

function bothWindows(objective: SlothObjective, window: AlertWindow): string {
  const factor = formatFloat(burnRateFactor(objective.windows.periodMs, window));
  const selector = selectorOf(identityLabels(objective));
  const exceeds = (windowMs: number): string =>
    `    max(${errorRatioMetric(windowMs)}${selector} > (${factor} * ${budgetOf(objective)})) without (${WINDOW_LABEL})\n`;
  return `(\n${exceeds(window.shortMs)}    and\n${exceeds(window.longMs)})\n`;
}

const alertTexts = (severity: string, { labels, annotations }: AlertTexts) => ({
  labels: joined(new Map([["sloth_severity", severity]]), labels),
  annotations: joined(
    new Map([
      ["summary", "{{$labels.sloth_service}} {{$labels.sloth_slo}} SLO error budget burn rate is over expected."],
      [
        "title",
        `(${severity}) {{$labels.sloth_service}} {{$labels.sloth_slo}} SLO error budget burn rate is too fast.`,
      ],
    ]),
    annotations,
  ),
});

/** Returns the alert on the burn rate of one window. */
function singleWindowRule(objective: SlothObjective, alert: BurnRateAlert): GeneratedRule {
  const { windowMs, factor, operator, forMs } = alert;
  const series = `${errorRatioMetric(windowMs)}${selectorOf(identityLabels(objective))}`;
  const threshold = `(${formatFloat(factor)} * ${budgetOf(objective)})`;
  const severity = alert.labels.get("severity") ?? "ticket";
  return {
    alert: alert.name,
    expr: `max(${series} ${operator} ${threshold}) without (${WINDOW_LABEL})`,
    ...(forMs > 0 && { forMs }),
    ...alertTexts(severity, alert),
  };
}
