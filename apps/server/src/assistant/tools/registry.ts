import { alertmanagerTools } from "./alertmanager-tools.ts";
import { apiTools } from "./api-tools.ts";
import { backtest } from "./backtest.ts";
import { dashboardTools } from "./dashboard-tools.ts";
import { queryRange } from "./query-range.ts";
import type { Tool } from "./tool.ts";

/** The tools of the door for assistants. To add one, write a file in this folder, and add it here. */
export const tools: readonly Tool[] = [...apiTools, queryRange, backtest, ...alertmanagerTools, ...dashboardTools];
