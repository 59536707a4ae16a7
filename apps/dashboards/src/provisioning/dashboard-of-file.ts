import { isResource, type Problem, readDashboard } from "@narthex/dashboards";
import type { DashboardJson } from "../dashboards/dashboard-record.ts";
import { isObject } from "../web/request-body.ts";

/** A dashboard's JSON in the classic form. */
export interface DashboardOfFile {
  readonly json: DashboardJson;
  /** Parts of a resource that were not converted unchanged. */
  readonly problems: readonly Problem[];
}

/**
 * Parses the text of a dashboard's file. A file with a resource (`apiVersion`, `kind`, `metadata` and `spec`) is
 * converted to the classic form; the name of the resource becomes the uid. Rejects if the text is not a JSON object.
 */
export async function dashboardOfFile(text: string): Promise<DashboardOfFile> {
  const json: unknown = JSON.parse(text);
  if (!isObject(json)) throw new Error("the file does not contain a dashboard");
  if (!isResource(json)) return { json, problems: [] };
  const { dashboard, problems } = await readDashboard(json);
  return { json: dashboard.source, problems };
}
