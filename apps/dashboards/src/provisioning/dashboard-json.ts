import { readDashboard } from "@narthex/dashboards";
import type { DashboardJson } from "../dashboards/dashboard-record.ts";
import { isObject } from "../web/request-body.ts";

/** API group of the resources that newer versions of Grafana export. Their versions are v0alpha1, v1, v2 and others. */
const RESOURCE_GROUP = "dashboard.grafana.app/";

/**
 * Parses the text of a dashboard's file. A file with a resource (`apiVersion`, `kind`, `metadata` and `spec`) is
 * converted to the classic form; the name of the resource becomes the uid. Rejects if the text is not a JSON object.
 */
export async function dashboardOfFile(text: string): Promise<DashboardJson> {
  const json: unknown = JSON.parse(text);
  if (!isObject(json)) throw new Error("the file does not contain a dashboard");
  const { apiVersion, spec } = json;
  const isResource = typeof apiVersion === "string" && apiVersion.startsWith(RESOURCE_GROUP) && isObject(spec);
  return isResource ? (await readDashboard(json)).dashboard.source : json;
}
