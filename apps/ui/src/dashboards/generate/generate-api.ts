import { type JsonObject, readDashboard, type ReadDashboard } from "@narthex/dashboards";
import { callBare } from "../../api/request.ts";
import { rootPath } from "../../api/root-path.ts";
import type { SourceListing } from "../query/ask-panel.ts";

/** Which metrics a dashboard is made of. */
export interface GenerateChoice {
  /** The uid of a source. */
  readonly source: string;
  readonly job: string;
  /** Words that names hold. */
  readonly search: string;
}

/** A dashboard that was made and is not saved. */
export interface Generated extends ReadDashboard {
  readonly json: JsonObject;
  readonly metrics: number;
}

/** @throws {ApiError} with the role's sentence */
export async function generate(
  { source, job, search }: GenerateChoice,
  sources: readonly SourceListing[],
  signal: AbortSignal,
): Promise<Generated> {
  const { dashboard, metrics } = await callBare<{ dashboard: JsonObject; metrics: number }>(
    `${rootPath}/api/narthex/generate`,
    { method: "POST", json: { datasource: { uid: source }, job, search }, signal },
  );
  return { ...(await readDashboard(dashboard, { sources })), json: dashboard, metrics };
}
