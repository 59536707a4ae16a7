import { DecodeError, WireError, WireReader, WireWriter } from "@narthex/bytes";
import { compareBytewise } from "@narthex/model";
import { runToEnd } from "@narthex/runtime";
import { familySteps } from "../body/protobuf-body.ts";
import type { GroupLabels } from "../groups/group-key.ts";
import type { PersistedGroup } from "../groups/group-persistence.ts";
import type { Group } from "../groups/groups.ts";
import type { StoredFamily } from "../metrics/stored-family.ts";
import { readGob, type GobStruct, type GobValue } from "./gob-reader.ts";
import { type GobType, TEXT } from "./gob-types.ts";
import { writeGob } from "./gob-writer.ts";

/**
 * Error for a file that is not a valid persistence file of Pushgateway. The message contains the problem and its
 * position.
 */
export class SnapshotError extends Error {
  override readonly name = "SnapshotError";
}

/**
 * Reads the groups of a Pushgateway persistence file: a map of groups in Go's binary format gob. Each group has its
 * labels, its metrics as protobuf, and the times of the pushes. Throws SnapshotError.
 */
export function readSnapshot(bytes: Uint8Array): readonly PersistedGroup[] {
  try {
    const groups = readGob(bytes);
    if (!(groups instanceof Map)) throw new SnapshotError("it holds something else than groups");
    return [...(groups as ReadonlyMap<GobValue, GobValue>).values()].map((group) => readGroup(group as GobStruct));
  } catch (error) {
    if (error instanceof DecodeError)
      throw new SnapshotError(`${error.message} at byte ${error.offset}`, { cause: error });
    if (error instanceof WireError)
      throw new SnapshotError(`a family is no protobuf: ${error.message}`, { cause: error });
    throw error;
  }
}

function readGroup({ Labels: labels, Metrics: metrics = new Map() }: GobStruct): PersistedGroup {
  if (!(labels instanceof Map && metrics instanceof Map)) throw new SnapshotError("a group without labels");
  const pairs = [...(labels as ReadonlyMap<GobValue, GobValue>)].map(([name, value]) => {
    if (typeof name !== "string" || typeof value !== "string") throw new SnapshotError("a label that is no text");
    return [name, value] as const;
  });
  return {
    labels: pairs.toSorted((a, b) => compareBytewise(a[0], b[0])),
    families: [...(metrics as ReadonlyMap<string, GobStruct>).values()].map(readFamily),
    expiresAtMs: undefined,
  };
}

function readFamily({ Timestamp: time, GobbableMetricFamily: family }: GobStruct): PersistedGroup["families"][number] {
  if (!(time instanceof Uint8Array && family instanceof Uint8Array))
    throw new SnapshotError("a family without its parts");
  return { family: runToEnd(familySteps(new WireReader(family))), pushedAtMs: readTime(time) };
}

/** Seconds from the year 1, in which Go's times begin, to 1970. */
const YEAR_ONE = 62_135_596_800;
/** Length of an encoded Go time: version, seconds, nanoseconds, and minutes east of Greenwich (-1 for UTC). */
const TIME_BYTES = 15;

/** Converts an encoded Go time to ms since 1970. */
function readTime(bytes: Uint8Array): number {
  if (bytes.length < TIME_BYTES) throw new SnapshotError("a time that breaks off");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return (Number(view.getBigInt64(1)) - YEAR_ONE) * 1000 + Math.round(view.getUint32(9) / 1000) / 1000;
}

function writtenTime(ms: number): Uint8Array {
  const bytes = new Uint8Array(TIME_BYTES);
  const view = new DataView(bytes.buffer);
  const seconds = Math.floor(ms / 1000);
  view.setUint8(0, 1);
  view.setBigInt64(1, BigInt(seconds + YEAR_ONE));
  // Nanoseconds are rounded to microseconds, because a time in ms has no higher precision.
  view.setUint32(9, Math.min(999_999, Math.round((ms - seconds * 1000) * 1000)) * 1000);
  view.setInt16(13, -1);
  return bytes;
}

const [GROUP, LABELS, FAMILY, TIME, METRICS, FAMILIES, GROUPS] = [64, 65, 66, 67, 68, 69, 70];

/** The gob types of the persistence file, with the field names that Pushgateway uses. */
const TYPES: ReadonlyMap<number, GobType> = new Map<number, GobType>([
  [GROUPS, { kind: "map", key: TEXT, element: GROUP }],
  [
    GROUP,
    {
      kind: "struct",
      fields: [
        { name: "Labels", type: LABELS },
        { name: "Metrics", type: FAMILIES },
      ],
    },
  ],
  [LABELS, { kind: "map", key: TEXT, element: TEXT }],
  [FAMILIES, { kind: "map", key: TEXT, element: FAMILY }],
  [
    FAMILY,
    {
      kind: "struct",
      fields: [
        { name: "Timestamp", type: TIME },
        { name: "GobbableMetricFamily", type: METRICS },
      ],
    },
  ],
  [TIME, { kind: "opaque" }],
  [METRICS, { kind: "opaque" }],
]);

const NAMES = new Map([
  [GROUPS, "GroupingKeyToMetricGroup"],
  [GROUP, "MetricGroup"],
  [LABELS, "map[string]string"],
  [FAMILIES, "NameToTimestampedMetricFamilyMap"],
  [FAMILY, "TimestampedMetricFamily"],
  [TIME, "Time"],
  [METRICS, "GobbableMetricFamily"],
]);

/** Encodes groups as a Pushgateway persistence file, which Pushgateway and `readSnapshot()` can read. */
export function writeSnapshot(groups: Iterable<Group>): Uint8Array {
  const written = new Map<GobValue, GobValue>();
  for (const { labels, families } of groups) {
    const metrics = new Map([...families].map(([name, family]) => [name, writtenFamily(family)]));
    written.set(groupingKey(labels), { Labels: new Map(labels), Metrics: metrics });
  }
  return writeGob(written, GROUPS, TYPES, NAMES);
}

/**
 * Returns the key of a group in Pushgateway's file. Its parts are separated by a byte that does not occur in UTF-8
 * texts.
 */
const groupingKey = (labels: GroupLabels): Uint8Array =>
  Buffer.concat(
    labels.flat().flatMap((part, i) => (i === 0 ? [Buffer.from(part)] : [Buffer.of(0xff), Buffer.from(part)])),
  );

function writtenFamily({ name, help, type, pushedAtMs, wire }: StoredFamily): GobStruct {
  const family = new WireWriter(wire.length + 256);
  family.string(1, name);
  if (help !== undefined) family.string(2, help);
  family.uint64(3, type);
  family.raw(Buffer.from(wire, "latin1"));
  return { Timestamp: writtenTime(pushedAtMs), GobbableMetricFamily: family.written };
}
