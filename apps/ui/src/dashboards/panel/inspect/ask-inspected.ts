import type { BoundVariable, Frame, FrameAnswer, Panel, ResolvedTimeRange } from "@narthex/dashboards";
import { monotonicMs } from "../../../time/browser-clock.ts";
import type { DashboardContextValue } from "../../page/dashboard-context.ts";
import { panelRequest } from "../panel-request.ts";
import { prepareQueries } from "../../query/ask-panel.ts";
import { frozenAnswer } from "../../query/frozen-frames.ts";
import { askQueries, type PanelQuery } from "../../query/query-client.ts";

/** A panel's queries as they were asked once more, and what came back. */
export interface Inspected {
  readonly queries: readonly PanelQuery[];
  readonly range: ResolvedTimeRange;
  /** By refId, those that could not be sent included. */
  readonly answers: ReadonlyMap<string, FrameAnswer>;
  /** As they came, before transformations. */
  readonly frames: readonly Frame[];
  /** From the request to the frames. */
  readonly requestMs: number;
}

/** The panel that is looked into, where it stands. */
export interface InspectedPanel {
  readonly panel: Panel;
  readonly scoped: ReadonlyMap<string, BoundVariable>;
  /** Pixels that the panel's step goes by. */
  readonly width: number;
}

/** Asks a panel's queries over the range that it shows. @throws {ApiError}, and RangeError where the panel's own range is none */
export async function askInspected(
  { panel, scoped, width }: InspectedPanel,
  context: DashboardContextValue,
  signal: AbortSignal,
): Promise<Inspected> {
  const request = panelRequest(panel, scoped, width, context);
  const { range } = request.time;
  if (range === undefined) throw new RangeError("The panel's own time range is none.");
  const { queries, unsent } = prepareQueries({ ...request, range });
  const begun = monotonicMs();
  const answered = queries.length === 0 ? new Map<string, FrameAnswer>() : await askQueries(queries, range, signal);
  const frozen = frozenAnswer(panel);
  const answers = frozen === undefined ? new Map([...answered, ...unsent]) : new Map([["A", frozen]]);
  return {
    queries,
    range,
    answers,
    frames: [...answers.values()].flatMap(({ frames }) => frames),
    requestMs: monotonicMs() - begun,
  };
}
