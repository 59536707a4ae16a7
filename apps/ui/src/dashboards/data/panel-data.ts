import type { EarlierFrames, Frame, Notice, ResolvedTimeRange } from "@narthex/dashboards";
import type { SourceFailure } from "./panel/source-outcomes.ts";

/** State of a panel. The attribute `data-panel-state` of the panel's element contains it, for scripts and tests. */
export type PanelState = "loading" | "data" | "empty" | "error" | "unsupported";

/** A request for which a panel waits. */
export interface RunningRequest {
  /** Time at which the request was sent, epoch ms. */
  readonly since: number;
  /** Names of the data sources to which the panel's queries are sent, or of variables that are loading. */
  readonly names: readonly string[];
  /** Cancels the request; undefined if the panel waits for variables. */
  readonly cancel?: () => void;
}

/** The data that a panel shows. The data of the last answer stays until a new request has been answered. */
export interface PanelData {
  readonly isLoading: boolean;
  readonly frames: readonly Frame[];
  /** Data of the earlier time range for comparison. Undefined without a comparison. */
  readonly earlier?: EarlierFrames | undefined;
  /** Error message of the first failed query. */
  readonly error: string | undefined;
  readonly notices: readonly Notice[];
  /** Time range of the frames. */
  readonly range: ResolvedTimeRange | undefined;
  /** Time of the frames, epoch ms, if the last request failed and they are from an earlier one. */
  readonly asOf?: number | undefined;
  readonly waiting?: RunningRequest | undefined;
  /** The panel's data sources that failed in the last request. */
  readonly failures?: readonly SourceFailure[];
}

export const noData: PanelData = { isLoading: true, frames: [], error: undefined, notices: [], range: undefined };

/** Reports whether all frames are without rows. */
const isEmpty = (frames: readonly Frame[]): boolean => frames.every(({ length }) => length === 0);

export function stateOf({ isLoading, frames, error }: PanelData): PanelState {
  if (error !== undefined && isEmpty(frames)) return "error";
  if (!isEmpty(frames)) return "data";
  return isLoading ? "loading" : "empty";
}
