import type { Findings } from "../../model/findings.ts";
import { type MutableJson, textAt } from "../../model/json.ts";
import { panelsOf } from "../../model/json-panels.ts";
import { isOfOldKind, isOldPanel } from "../../model/old-panel.ts";
import { migrateMappings } from "../value-mappings.ts";
import { dashListMigration } from "./dash-list.ts";
import { discreteMigration } from "./discrete.ts";
import { graphMigration } from "./graph.ts";
import { heatmapMigration } from "./heatmap.ts";
import type { PanelMigration } from "./panel-migration.ts";
import { pieChartMigration } from "./piechart.ts";
import { singleValueOptionsMigration } from "./single-value-options.ts";
import { singlestatMigration } from "./singlestat.ts";
import { tableOldMigration } from "./table-old.ts";
import { textMigration } from "./text.ts";
import { xyChartMigration } from "./xychart.ts";

/**
 * Migrations of panel kinds that other kinds have replaced, and of kinds whose options have changed. To add one: (1)
 * copy `text.ts`, the shortest; (2) add a line here; (3) make `model/old-panel.ts` recognise such panels; (4) add a
 * case to the test.
 */
const PANEL_MIGRATIONS: readonly PanelMigration[] = [
  graphMigration,
  singlestatMigration,
  singleValueOptionsMigration,
  tableOldMigration,
  heatmapMigration,
  pieChartMigration,
  textMigration,
  dashListMigration,
  discreteMigration,
  xyChartMigration,
];

const BY_KIND = new Map(PANEL_MIGRATIONS.flatMap((migration) => migration.kinds.map((kind) => [kind, migration])));

/** Converts a dashboard's outdated panels to the current kinds and options, in place. */
export function migratePanels(dashboard: MutableJson, findings: Findings): void {
  for (const { panel, path } of panelsOf(dashboard)) {
    if (!isOldPanel(panel)) continue;
    migrateMappings(panel, path, findings);
    if (isOfOldKind(panel)) BY_KIND.get(textAt(panel, "type"))?.migrate(panel, path, findings);
  }
}
