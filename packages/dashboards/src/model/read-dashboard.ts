import type { KnownSource } from "../migrate/migration.ts";
import type { Dashboard, Panel } from "./dashboard.ts";
import type { JsonObject } from "./field-config.ts";
import { type Change, Findings, type Problem, quoted } from "./findings.ts";
import { copyJson, isObject, type JsonLoss, type MutableJson, numberOf, objectAt, ownValue, textAt } from "./json.ts";
import { panelsOf } from "./json-panels.ts";
import { JsonSection } from "./json-section.ts";
import { isOldPanel } from "./old-panel.ts";
import { assignPanelIds } from "./panel-ids.ts";
import { parseDashboard } from "./parse-dashboard.ts";
import { readPanel } from "./read-panel.ts";

/** The newest version of Grafana's classic dashboard schema. */
export const NEWEST_SCHEMA = 43;

export interface ReadDashboard {
  readonly dashboard: Dashboard;
  /** Changes that migrations made. Empty if `dashboard.source` equals the given JSON. */
  readonly changes: readonly Change[];
  readonly problems: readonly Problem[];
}

export interface ReadOptions {
  /** Data sources of the installation. Names of these data sources in a dashboard are replaced by references. */
  readonly sources?: readonly KnownSource[];
}

/**
 * Reads the JSON of a dashboard and migrates it to the newest classic schema. Accepts any version of the classic
 * schema, Grafana's v2 form, and a Kubernetes resource. Never throws: an unreadable value is replaced by its default
 * and reported as a problem with its path. The code for old dashboards is loaded only when it is needed.
 */
export async function readDashboard(json: unknown, options: ReadOptions = {}): Promise<ReadDashboard> {
  const findings = new Findings();
  const copy = copyJson(json, (path, loss) => findings.problem(path, LOSSES[loss]));
  if (!isObject(copy)) {
    findings.problem("", `A dashboard must be an object, not ${quoted(copy)}; the dashboard is empty.`);
    return finish({ schemaVersion: NEWEST_SCHEMA, title: "", panels: [] }, findings);
  }
  const source = await toClassic(copy, findings);
  const version = numberOf(ownValue(source, "schemaVersion")) ?? 0;
  if (version < NEWEST_SCHEMA) {
    const { migrateSchema } = await import("../migrate/migrate-schema.ts");
    migrateSchema(source, { findings, sources: options.sources ?? [] });
  } else if (version > NEWEST_SCHEMA)
    findings.problem(
      "schemaVersion",
      `Schema ${version} is newer than ${NEWEST_SCHEMA}, the newest that this program supports.`,
    );
  if (panelsOf(source).some(({ panel }) => isOldPanel(panel))) {
    const { migratePanels } = await import("../migrate/panels/migrate-panels.ts");
    migratePanels(source, findings);
  }
  return finish(source, findings);
}

/**
 * Reads JSON that `readDashboard` has already migrated, for example after a patch. Works synchronously. The JSON is
 * neither copied nor changed, and becomes the `source` of the dashboard.
 */
export function readSource(source: JsonObject): Pick<ReadDashboard, "dashboard" | "problems"> {
  const findings = new Findings();
  return { dashboard: parseDashboard(source, findings), problems: findings.problems };
}

/** Reads a panel from JSON of the newest schema, synchronously. `Panel.source` is the given JSON. */
export const readPanelSource = (source: JsonObject): Panel => readPanel(new JsonSection(source, new Findings()));

function finish(source: MutableJson, findings: Findings): ReadDashboard {
  assignPanelIds(source, findings);
  const dashboard = parseDashboard(source, findings);
  return { dashboard, changes: findings.changes, problems: findings.problems };
}

const LOSSES: Readonly<Record<JsonLoss, string>> = {
  "too deep": "This value is nested more than 64 levels deep; it is left out.",
  "too many values": "The dashboard has more than 5,000,000 values; this value and all that follow are left out.",
  key: "A key with this name is not allowed; it is left out.",
  "not JSON": "This value cannot be written as JSON; it is left out.",
};

/**
 * Reports whether JSON is a dashboard's Kubernetes resource, which newer versions of Grafana export, or the `spec` of
 * one in the v2 form.
 */
export function isResource(json: JsonObject): boolean {
  if (objectAt(json, "elements") !== undefined) return true;
  return objectAt(json, "spec") !== undefined && (json["kind"] === "Dashboard" || textAt(json, "apiVersion") !== "");
}

/** Removes the envelope of an API response or a Kubernetes resource, and converts the v2 form to the classic form. */
async function toClassic(json: MutableJson, findings: Findings): Promise<MutableJson> {
  if (isResource(json)) {
    const { classicOfResource } = await import("../v2/resource.ts");
    return classicOfResource(json, findings);
  }
  const wrapped = objectAt(json, "dashboard");
  const isWrapper = wrapped !== undefined && !Object.hasOwn(json, "panels") && !Object.hasOwn(json, "rows");
  return isWrapper ? toClassic(wrapped, findings) : json;
}
