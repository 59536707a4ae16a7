import {
  type Frame,
  type FrameAnswer,
  FrameCells,
  frameFromJson,
  FROZEN_QUERY,
  isFrozen,
  type JsonObject,
  type Panel,
} from "@narthex/dashboards";

/**
 * Maximum total number of cells in the frames of a panel. The limit is needed because a few characters of JSON can
 * describe many empty cells.
 */
const MAX_CELLS = 50_000_000;

const listAt = (json: JsonObject, key: string): readonly unknown[] => {
  const value = Object.hasOwn(json, key) ? json[key] : undefined;
  return Array.isArray(value) ? value : [];
};

/**
 * Returns the data that a snapshot stores for a panel: in the panel's queries, or in the panel itself in older
 * snapshots. Returns undefined if the panel contains no data.
 * @throws {FrameFormatError}
 */
export function frozenFrames({ targets, source }: Panel, maxCells = MAX_CELLS): readonly Frame[] | undefined {
  const queries = targets.filter((target) => target.source["queryType"] === FROZEN_QUERY);
  if (queries.length > 0) {
    const frames = queries.flatMap((target) => listAt(target.source, "snapshot"));
    return readFrames(frames, maxCells);
  }
  if (!Object.hasOwn(source, "snapshotData")) return undefined;
  return readFrames(listAt(source, "snapshotData").map(ofOldSnapshot), maxCells);
}

function readFrames(frames: readonly unknown[], maxCells: number): readonly Frame[] {
  const cells = new FrameCells(maxCells, () => `its frames have more than ${maxCells} cells`);
  return frames.map((json) => frameFromJson(json, cells));
}

/** Converts a data frame of an old snapshot, in which fields contain their values. */
function ofOldSnapshot(frame: unknown): unknown {
  if (typeof frame !== "object" || frame === null) return frame;
  const { fields: given, ...schema } = frame as JsonObject;
  const fields = (Array.isArray(given) ? (given as unknown[]) : []).filter(
    (field): field is JsonObject => typeof field === "object" && field !== null,
  );
  return {
    schema: { ...schema, fields: fields.map(({ values: _values, ...field }) => field) },
    data: { values: fields.map((field) => listAt(field, "values")) },
  };
}

/** Returns the data inside a panel of a snapshot as a query response, or undefined if the panel contains no data. */
export function frozenAnswer(panel: Panel): FrameAnswer | undefined {
  if (!isFrozen(panel)) return undefined;
  try {
    return { status: 200, frames: frozenFrames(panel) ?? [] };
  } catch (error) {
    const sentence = error instanceof Error ? error.message : String(error);
    return { status: 400, frames: [], error: `The data of the snapshot cannot be read: ${sentence}` };
  }
}
