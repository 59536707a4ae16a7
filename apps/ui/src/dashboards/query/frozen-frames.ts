import { type Frame, type FrameAnswer, frameFromJson, type JsonObject, type Panel } from "@narthex/dashboards";

/** The kind of query that carries its answer. */
export const FROZEN_QUERY = "snapshot";

const listAt = (json: JsonObject, key: string): readonly unknown[] => {
  const value = Object.hasOwn(json, key) ? json[key] : undefined;
  return Array.isArray(value) ? value : [];
};

/**
 * The data that a panel of a snapshot carries, in its queries or, in older ones, beside them; undefined where it carries none.
 *
 * @throws {FrameFormatError}
 */
export function frozenFrames({ targets, source }: Panel): readonly Frame[] | undefined {
  const queries = targets.filter((target) => target.source["queryType"] === FROZEN_QUERY);
  if (queries.length > 0) return queries.flatMap((target) => listAt(target.source, "snapshot").map(frameFromJson));
  if (!Object.hasOwn(source, "snapshotData")) return undefined;
  return listAt(source, "snapshotData").map((frame) => frameFromJson(ofOldSnapshot(frame)));
}

/** Frames of older snapshots have the values within the fields. */
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

/** Whether a panel carries its data. */
export const isFrozen = ({ targets, source }: Panel): boolean =>
  targets.some((target) => target.source["queryType"] === FROZEN_QUERY) || Object.hasOwn(source, "snapshotData");

/** What a panel carries as the answer to its queries; undefined where it carries none. */
export function frozenAnswer(panel: Panel): FrameAnswer | undefined {
  if (!isFrozen(panel)) return undefined;
  try {
    return { status: 200, frames: frozenFrames(panel) ?? [] };
  } catch (error) {
    const sentence = error instanceof Error ? error.message : String(error);
    return { status: 400, frames: [], error: `The data of the snapshot cannot be read: ${sentence}` };
  }
}
