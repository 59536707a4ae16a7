import { type Dashboard, flatPanels, panelKindOf } from "@narthex/dashboards";
import { dataSourceKind } from "@narthex/datasources";
import type { Problem } from "./finding.ts";
import { targetSourceType } from "./panel-queries.ts";

/** Data sources that are built into Grafana: results of other panels, expressions, annotations. */
const BUILT_IN = new Set(["datasource", "grafana", "dashboard", "-- Dashboard --", "-- Grafana --", "__expr__"]);

/** Reports panels and data sources whose type is not supported. */
export function checkKinds(dashboard: Dashboard, report: (problem: Problem) => void): void {
  for (const panel of flatPanels(dashboard.panels)) {
    if (panel.type !== "row" && panelKindOf(panel.type) === undefined) {
      const message = `panels of the type "${panel.type}" are not supported; the data is shown as a table or as series`;
      report({ severity: "warning", check: "panel-type", message, panel, path: "type" });
    }
    const unknown = new Set<string>();
    panel.targets.forEach((target, i) => {
      const type = targetSourceType(dashboard, panel, target);
      if (type === undefined || type === "" || BUILT_IN.has(type) || dataSourceKind(type) !== undefined) return;
      if (unknown.has(type)) return;
      unknown.add(type);
      const path = target.datasource === undefined ? "datasource" : `targets[${i}].datasource`;
      const message = `data sources of the type "${type}" are not supported; query ${target.refId} has no answer`;
      report({ severity: "warning", check: "data-source", message, panel, path });
    });
  }
}
