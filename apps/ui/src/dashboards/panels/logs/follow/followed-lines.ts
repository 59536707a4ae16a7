import {
  type Frame,
  type PanelQuery,
  pickRows,
  prepareQueries,
  type ResolvedTimeRange,
  timeFieldOf,
  valueAt,
} from "@narthex/dashboards";
import type { PanelRequest } from "../../../data/panel/panel-request.ts";
import { logSource } from "../log-source.ts";

/** Number of followed lines from which on the oldest are removed. */
const MAX_LINES = 5000;
/** Lines may arrive this much later than lines with newer times, ms. */
const LATE_MS = 10_000;

/** Sends queries for a time range. Returns their frames. Rejects with an error that is shown to the user. */
export type SendFollowing = (
  queries: readonly PanelQuery[],
  range: ResolvedTimeRange,
  signal: AbortSignal,
) => Promise<readonly Frame[]>;

/** Returns the queries of a panel for new log lines. Empty if no query of the panel can be followed. */
export function followedQueries(request: PanelRequest): readonly PanelQuery[] {
  const { panel, time } = request;
  if (time.range === undefined || panel.transformations.some(({ disabled }) => !disabled)) return [];
  const { queries } = prepareQueries({ ...request, range: time.range });
  return queries
    .filter(({ refId }) => logSource(panel, refId, request) !== undefined)
    .map((query) => ({ ...query, source: { ...query.source, direction: "backward", queryType: "range" } }));
}

/** The newest lines of log queries. Each poll adds the lines that have arrived since the last one. */
export class FollowedLines {
  readonly #send: SendFollowing;
  /** Times of the lines that a poll may return again, by their ids. */
  readonly #seen = new Map<string, number>();
  #newest = 0;
  #frames: readonly Frame[];

  /** @param known frames that are shown at the start */
  constructor(send: SendFollowing, known: readonly Frame[]) {
    this.#send = send;
    this.#frames = known.map((frame) => this.#unseen(frame));
  }

  /** All lines, also those that were known at the start. */
  get frames(): readonly Frame[] {
    return this.#frames;
  }

  /** Requests the lines that have arrived until `now`. */
  async poll(queries: readonly PanelQuery[], now: number, signal: AbortSignal): Promise<void> {
    const from = Math.max(0, Math.min(this.#newest, now) - LATE_MS);
    const answer = await this.#send(queries, { from, to: now + 1 }, signal);
    const added = answer.map((frame) => this.#unseen(frame)).filter(({ length }) => length > 0);
    for (const [id, time] of this.#seen) if (time < this.#newest - LATE_MS) this.#seen.delete(id);
    if (added.length > 0) this.#frames = newestFrames([...this.#frames, ...added]);
  }

  /** Returns the rows of a frame that are in no earlier frame. */
  #unseen(frame: Frame): Frame {
    const ids = frame.fields.find(({ name }) => name === "id");
    const times = timeFieldOf(frame);
    const rows: number[] = [];
    for (let row = 0; row < frame.length; row++) {
      const time = times === undefined ? null : valueAt(times, row);
      if (typeof time !== "number" || ids === undefined) continue;
      const id = `${frame.refId} ${String(valueAt(ids, row))}`;
      if (this.#seen.has(id)) continue;
      this.#seen.set(id, time);
      this.#newest = Math.max(this.#newest, time);
      rows.push(row);
    }
    if (rows.length === frame.length) return frame;
    const picked = Int32Array.from(rows);
    return { ...frame, length: rows.length, fields: frame.fields.map((field) => pickRows(field, picked)) };
  }
}

/** Removes the oldest frames if there are too many lines. The newest frame is always kept. */
function newestFrames(frames: readonly Frame[]): readonly Frame[] {
  let lines = 0;
  const first = frames.findLastIndex(({ length }) => (lines += length) > MAX_LINES);
  return first < 0 ? frames : frames.slice(Math.min(first + 1, frames.length - 1));
}
