import { type Dashboard, flatPanels } from "@narthex/dashboards";
import { statementProblem } from "@narthex/datasources";
import type { Problem } from "./finding.ts";
import { targetSourceType } from "./panel-queries.ts";

/** Reports mistakes in SQL, InfluxQL, LogQL and SQL expressions that can be found without the database. */
export function checkStatements(dashboard: Dashboard, report: (problem: Problem) => void): void {
  for (const panel of flatPanels(dashboard.panels))
    panel.targets.forEach((target, i) => {
      const type = targetSourceType(dashboard, panel, target);
      if (type === undefined) return;
      const others = panel.targets.map(({ refId }) => refId).filter((refId) => refId !== target.refId);
      const problem = statementProblem(type, target.source, others);
      if (problem === undefined) return;
      const message = `query ${target.refId}: ${problem.message}`;
      report({ severity: "error", check: "query-syntax", message, panel, path: `targets[${i}].${problem.property}` });
    });
}
