import type { EarlierFrames, Frame, Notice, ResolvedTimeRange } from "@narthex/dashboards";

/** State of a panel. The attribute `data-panel-state` of the panel's element contains it, for scripts and tests. */
export type PanelState = "loading" | "data" | "empty" | "error" | "unsupported";

/** The data that a panel shows. While a new request runs, the data of the last answer stays. */
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
}

export const noData: PanelData = { isLoading: true, frames: [], error: undefined, notices: [], range: undefined };

/** Reports whether no frame has a row. */
const isEmpty = (frames: readonly Frame[]): boolean => frames.every(({ length }) => length === 0);

export function stateOf({ isLoading, frames, error }: PanelData): PanelState {
  if (error !== undefined && isEmpty(frames)) return "error";
  if (!isEmpty(frames)) return "data";
  return isLoading ? "loading" : "empty";
}
