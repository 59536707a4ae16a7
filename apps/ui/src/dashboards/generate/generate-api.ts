import { type JsonObject, readDashboard, type ReadDashboard, type SourceListing } from "@narthex/dashboards";
import { fetchJson } from "../../api/request.ts";
import { rootPath } from "../../api/root-path.ts";

export interface GenerateChoice {
  readonly source: string;
  readonly job: string;
  /** Words that metric names must contain. */
  readonly search: string;
}

export interface Generated extends ReadDashboard {
  readonly json: JsonObject;
  readonly metrics: number;
}

/** @throws {ApiError} with the server's message */
export async function generate(
  { source, job, search }: GenerateChoice,
  sources: readonly SourceListing[],
  signal: AbortSignal,
): Promise<Generated> {
  const { dashboard, metrics } = await fetchJson<{ dashboard: JsonObject; metrics: number }>(
    `${rootPath}/api/narthex/generate`,
    { method: "POST", json: { datasource: { uid: source }, job, search }, signal },
  );
  return { ...(await readDashboard(dashboard, { sources })), json: dashboard, metrics };
}
