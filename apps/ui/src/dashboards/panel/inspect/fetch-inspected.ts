import {
  type BoundVariable,
  type EarlierPeriod,
  type Frame,
  type FrameAnswer,
  type Panel,
  type PanelQuery,
  prepareQueries,
  type ResolvedTimeRange,
} from "@narthex/dashboards";
import { monotonicMs } from "../../../time/browser-clock.ts";
import type { DashboardContextValue } from "../../data/dashboard-context.ts";
import { type PanelRequest, panelRequest } from "../../data/panel/panel-request.ts";
import { frozenAnswer } from "../../data/frozen-frames.ts";
import { sendQueries } from "../../data/query-client.ts";

/** A panel's queries and their results, requested for the inspector. */
export interface Inspected {
  readonly queries: readonly PanelQuery[];
  readonly range: ResolvedTimeRange;
  /** Results by refId, including those of queries that could not be sent. */
  readonly answers: ReadonlyMap<string, FrameAnswer>;
  /** Frames before transformations. */
  readonly frames: readonly Frame[];
  /** Results for the earlier time range of a comparison. Undefined without a comparison. */
  readonly earlier: { readonly frames: readonly Frame[]; readonly period: EarlierPeriod } | undefined;
  /** Time from sending the request to receiving the frames, ms. */
  readonly requestMs: number;
}

/** The inspected panel, with the variables of its repeat. */
export interface InspectedPanel {
  readonly panel: Panel;
  readonly scoped: ReadonlyMap<string, BoundVariable>;
  /** Panel width in pixels, from which the query step is computed. */
  readonly width: number;
}

/**
 * Sends a panel's queries for its time range.
 * @throws {ApiError}, and RangeError if the panel's own range is invalid
 */
export async function fetchInspected(
  { panel, scoped, width }: InspectedPanel,
  context: DashboardContextValue,
  signal: AbortSignal,
): Promise<Inspected> {
  const request = panelRequest(panel, scoped, width, context);
  const { range } = request.time;
  if (range === undefined) throw new RangeError("The panel's own time range is invalid.");
  const { queries, unsent } = prepareQueries({ ...request, range });
  const begun = monotonicMs();
  const frozen = frozenAnswer(panel);
  const [answered, earlier] = await Promise.all([
    queries.length === 0 ? new Map<string, FrameAnswer>() : sendQueries(queries, range, signal),
    frozen === undefined ? fetchEarlier(request, signal) : undefined,
  ]);
  const answers = frozen === undefined ? new Map([...answered, ...unsent]) : new Map([["A", frozen]]);
  return {
    queries,
    range,
    answers,
    frames: [...answers.values()].flatMap(({ frames }) => frames),
    earlier,
    requestMs: monotonicMs() - begun,
  };
}

async function fetchEarlier(request: PanelRequest, signal: AbortSignal): Promise<Inspected["earlier"]> {
  if (request.earlier === undefined) return undefined;
  const { period, lookup } = request.earlier;
  const { queries } = prepareQueries({ ...request, lookup, range: period.range });
  if (queries.length === 0) return undefined;
  const answers = await sendQueries(queries, period.range, signal);
  return { period, frames: [...answers.values()].flatMap(({ frames }) => frames) };
}
