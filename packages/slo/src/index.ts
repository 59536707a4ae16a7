export type { BurnRateWindow } from "./alert-windows.ts";
export { type GeneratedGroup, printGroups } from "./generated-rule.ts";
export { type LoadedServiceLevels, loadSloFiles } from "./load-slo-files.ts";
export type { BudgetQueries, ServiceLevel } from "./objective.ts";
export { type Budget, budgetOf, burnRateOf } from "./budget.ts";
export { budgetDashboard } from "./dashboard.ts";
