import { burnRateWindows } from "./alert-windows.ts";
import type { ServiceLevel, SlothObjective } from "./objective.ts";
import { pyrraQueries } from "./pyrra/budget.ts";
import type { PyrraObjective } from "./pyrra/pyrra-objective.ts";
import { pyrraGroups } from "./pyrra/pyrra-rules.ts";
import { pyrraWindows } from "./pyrra/windows.ts";
import { slothQueries } from "./sloth/budget.ts";
import { slothGroups } from "./sloth/sloth-rules.ts";

/** Returns an objective with the rules of Sloth. `version` is the value of the label `sloth_version`. */
export function slothServiceLevel(
  objective: SlothObjective,
  file: string,
  format: ServiceLevel["format"],
  version: string,
): ServiceLevel {
  const { line, column, name, service, description, windowMs, labels, windows } = objective;
  const isAlerting = { page: objective.page !== undefined, ticket: objective.ticket !== undefined };
  return {
    file,
    line,
    column,
    format,
    id: `${service}-${name}`,
    name,
    service,
    description,
    objective: objective.objective / 100,
    windowMs,
    labels,
    groups: slothGroups(objective, version),
    burnRates: burnRateWindows(windows).filter(({ severity }) => isAlerting[severity as "page" | "ticket"]),
    queries: slothQueries(objective),
  };
}

/** Returns an objective with the rules of Pyrra. */
export function pyrraServiceLevel(objective: PyrraObjective, file: string): ServiceLevel {
  const { line, column, name, namespace, description, windowMs, labels, target, alerting } = objective;
  return {
    file,
    line,
    column,
    format: "pyrra",
    id: name,
    name,
    service: namespace,
    description,
    objective: target,
    windowMs,
    labels,
    groups: pyrraGroups(objective),
    burnRates: alerting.burnRates
      ? pyrraWindows(windowMs).map(({ severity, shortMs, longMs, factor }, at) => ({
          severity: alerting.severities.burnRates[at] || severity,
          shortMs,
          longMs,
          factor,
        }))
      : [],
    queries: pyrraQueries(objective),
  };
}
