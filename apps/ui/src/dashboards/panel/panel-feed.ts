import {
  applyFieldConfig,
  type Frame,
  type FrameAnswer,
  interpolate,
  type Lookup,
  type Panel,
  panelTimeRange,
  type RawTimeRange,
  type ResolvedTimeRange,
} from "@narthex/dashboards";
import { noData, type PanelData } from "../query/panel-data.ts";
import { prepareQueries, type SourceListing } from "../query/ask-panel.ts";
import { askQueries } from "../query/query-client.ts";
import { withUsualFields } from "./usual-fields.ts";

/** What a panel's answer depends on. */
export interface FeedInput {
  readonly panel: Panel;
  readonly lookup: Lookup;
  readonly sources: readonly SourceListing[];
  readonly raw: RawTimeRange;
  /** Of the dashboard, epoch ms. */
  readonly range: ResolvedTimeRange;
  readonly calendar: Parameters<typeof panelTimeRange>[2];
  /** Of the panel's content, CSS pixels. */
  readonly width: number;
}

/**
 * Asks a panel's queries and makes of the answers what it shows: transformed, and with the settings of its fields. Rejects
 * only when the signal ends it.
 */
export async function feedPanel(input: FeedInput, before: PanelData, signal: AbortSignal): Promise<PanelData> {
  const { panel, lookup, sources, raw, calendar, width } = input;
  const timeFrom = panel.timeFrom === undefined ? undefined : interpolate(panel.timeFrom, lookup, "raw");
  const timeShift = panel.timeShift === undefined ? undefined : interpolate(panel.timeShift, lookup, "raw");
  const own = { ...(timeFrom === undefined ? {} : { timeFrom }), ...(timeShift === undefined ? {} : { timeShift }) };
  const range = panelTimeRange(raw, own, calendar);
  if (range === undefined)
    return {
      ...before,
      isLoading: false,
      error: `The panel's time range "${timeFrom ?? ""} ${timeShift ?? ""}" is none.`,
    };
  const { queries, unsent } = prepareQueries(panel, range, width, lookup, sources);
  try {
    const answers = queries.length === 0 ? new Map<string, FrameAnswer>() : await askQueries(queries, range, signal);
    return await show(panel, [...answers.values(), ...unsent.values()], range, lookup, calendar.zone);
  } catch (error) {
    signal.throwIfAborted();
    return { ...before, isLoading: false, error: error instanceof Error ? error.message : String(error) };
  }
}

async function show(
  panel: Panel,
  answers: readonly FrameAnswer[],
  range: ResolvedTimeRange,
  lookup: Lookup,
  zone: string,
): Promise<PanelData> {
  const error = answers.find((answer) => answer.error !== undefined)?.error;
  const given = answers.flatMap(({ frames }) => frames);
  const frames = await transformed(panel, given, lookup, zone);
  return {
    ...noData,
    isLoading: false,
    frames: applyFieldConfig(frames, withUsualFields(panel), (text) => interpolate(text, lookup)),
    error,
    notices: frames.flatMap(({ meta }) => meta?.notices ?? []),
    range,
  };
}

/** Transformations are loaded with the first panel that has one. */
async function transformed(
  panel: Panel,
  frames: readonly Frame[],
  lookup: Lookup,
  zone: string,
): Promise<readonly Frame[]> {
  if (panel.transformations.every(({ disabled }) => disabled)) return frames;
  const { transformPanel } = await import("./transform-panel.ts");
  return transformPanel(panel, frames, lookup, zone);
}
