import type { EarlierFrames, Frame, Notice, ResolvedTimeRange } from "@narthex/dashboards";

/** Where a panel stands, as its element tells scripts and tests. */
export type PanelState = "loading" | "data" | "empty" | "error" | "unsupported";

/** What a panel shows now. While it is asked again, what it showed stays. */
export interface PanelData {
  readonly isLoading: boolean;
  readonly frames: readonly Frame[];
  /** Of the period that the panel is compared with; absent: of none. */
  readonly earlier?: EarlierFrames | undefined;
  /** A sentence for the first query that failed, and those that failed. */
  readonly error: string | undefined;
  readonly notices: readonly Notice[];
  /** What the frames were asked for. */
  readonly range: ResolvedTimeRange | undefined;
}

export const noData: PanelData = { isLoading: true, frames: [], error: undefined, notices: [], range: undefined };

/** Whether no frame holds a row. */
export const isEmpty = (frames: readonly Frame[]): boolean => frames.every(({ length }) => length === 0);

export function stateOf({ isLoading, frames, error }: PanelData): PanelState {
  if (error !== undefined && isEmpty(frames)) return "error";
  if (!isEmpty(frames)) return "data";
  return isLoading ? "loading" : "empty";
}
