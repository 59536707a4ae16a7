import { join } from "node:path";
import { crc32c } from "@narthex/bytes";
import type { Files } from "../files.ts";
import type { Matcher } from "@narthex/model";
import { BlockError } from "./block-error.ts";
import { replaceFile } from "./replace-file.ts";
import { isUlid } from "./ulid.ts";

/** Numbers of series, samples and chunks in a block. Zeros are left out of meta.json. */
export interface BlockStats {
  readonly numSamples?: number;
  readonly numFloatSamples?: number;
  readonly numHistogramSamples?: number;
  readonly numSeries?: number;
  readonly numChunks?: number;
  readonly numTombstones?: number;
}

/** Description, in meta.json, of a block that was merged into the block of this meta.json. */
interface BlockDescription {
  readonly ulid: string;
  readonly minTime: number;
  readonly maxTime: number;
}

interface BlockCompaction {
  /** Compaction level: 1 for a block from the head, otherwise one more than the highest level of the merged blocks. */
  readonly level: number;
  /** Names of the level-1 blocks whose samples are in this block. */
  readonly sources?: readonly string[];
  readonly parents?: readonly BlockDescription[];
  /** Whether all samples were deleted, so that the block may be removed. */
  readonly deletable?: boolean;
  readonly failed?: boolean;
  readonly hints?: readonly string[];
}

/** A label matcher in a form that can be posted to another thread and stored. */
export type PlainMatcher = Pick<Matcher, "type" | "name" | "value">;

/** Selects the series of a downsampling rule: those that its matchers accept and no earlier rule accepts. */
export interface SeriesOfRule {
  readonly matchers: readonly PlainMatcher[];
  readonly notOf: readonly (readonly PlainMatcher[])[];
}

/** A block from which a downsampled block was made. */
export interface DownsampledSource {
  readonly minTime: number;
  /** End of the source block's time range, exclusive, ms. */
  readonly maxTime: number;
  /** Names of the level-1 blocks whose samples were in the source block. */
  readonly names: readonly string[];
}

/** Facts in meta.json about a downsampled block: its resolution and source blocks. */
interface DownsampledMeta {
  readonly resolutionMs: number;
  readonly series: SeriesOfRule;
  readonly sources: readonly DownsampledSource[];
}

/** The fields of a block's meta.json that this program uses. The file also has a checksum of these fields. */
export interface BlockMeta {
  readonly ulid: string;
  readonly minTime: number;
  /** End of the block's time range, exclusive, ms. */
  readonly maxTime: number;
  readonly stats?: BlockStats;
  readonly compaction: BlockCompaction;
  /** Set only for a downsampled block. */
  readonly downsampled?: DownsampledMeta;
  readonly version: 1;
}

export const META_FILE = "meta.json";

/** Reads a block's meta.json. Throws BlockError if it cannot be read or is invalid. */
export function readMeta(dir: string, files: Files): BlockMeta {
  const path = join(dir, META_FILE);
  const fail = (reason: string, cause?: unknown): never => {
    throw new BlockError(path, 0, reason, cause);
  };
  let meta: unknown;
  try {
    meta = JSON.parse(new TextDecoder().decode(files.readWhole(path)));
  } catch (cause) {
    return fail(cause instanceof Error ? cause.message : String(cause), cause);
  }
  if (!isRecord(meta)) return fail("meta.json is not an object");
  if (meta["version"] !== 1) return fail(`unexpected meta file version ${String(meta["version"])}`);
  const { ulid, minTime, maxTime, compaction } = meta;
  if (typeof ulid !== "string" || !isUlid(ulid)) return fail(`bad ulid ${JSON.stringify(ulid)}`);
  if (!isWhole(minTime) || !isWhole(maxTime) || minTime > maxTime) return fail("minTime and maxTime are no time range");
  if (!isRecord(compaction) || !isWhole(compaction["level"])) return fail("compaction.level is missing");
  for (const name of ["sources", "parents", "hints"] as const) {
    const list = compaction[name] ?? [];
    const isElement = name === "parents" ? isRecord : (value: unknown) => typeof value === "string";
    if (!Array.isArray(list) || !list.every(isElement)) return fail(`compaction.${name} is no list of its kind`);
  }
  if (!isRecord(meta["stats"] ?? {})) return fail("stats is not an object");
  const { narthex, ...fields } = meta;
  const { crc32c: checksum, of } = isRecord(narthex) ? narthex : {};
  const checked = Array.isArray(of) ? picked(fields, of) : fields;
  if (checksum !== undefined && checksum !== checksumOf(checked)) return fail(CHECKSUM_REASON);
  return fields as unknown as BlockMeta;
}

const CHECKSUM_REASON =
  'the checksum does not match the other fields; if you have edited the file, remove its field "narthex"';

/**
 * Returns the CRC-32C of the fields as eight hexadecimal digits. Without it, a flipped bit in `maxTime` could make the
 * head drop samples and retention delete blocks.
 */
const checksumOf = (fields: object): string =>
  crc32c(new TextEncoder().encode(JSON.stringify(fields)))
    .toString(16)
    .padStart(8, "0");

/** Returns a copy of the object `fields` with only the fields in `names`, in the order of `names`. */
const picked = (fields: Readonly<Record<string, unknown>>, names: readonly unknown[]): object =>
  Object.fromEntries(names.map((name) => [String(name), fields[String(name)]]));

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;
const isWhole = (value: unknown): value is number => Number.isSafeInteger(value);

/** Replaces meta.json completely or not at all, by renaming a temporary file. */
export function writeMeta(dir: string, meta: BlockMeta, files: Files): void {
  replaceFile(join(dir, META_FILE), new TextEncoder().encode(formatMeta(meta)), files);
}

/**
 * Formats meta.json in Prometheus' order of fields, without empty fields, indented by tabs. An additional field
 * contains a checksum and the names of the fields that the checksum covers, because other programs may add more fields.
 * Prometheus ignores the additional field when it reads the file, and drops the field when it writes the file.
 */
function formatMeta(meta: BlockMeta): string {
  const fields = ordered(meta);
  return JSON.stringify(
    { ...fields, narthex: { crc32c: checksumOf(fields), of: Object.keys(fields) } },
    undefined,
    "\t",
  );
}

/** Returns the fields of meta.json in Prometheus' order, without empty fields. */
function ordered({ ulid, minTime, maxTime, stats, compaction, downsampled, version }: BlockMeta): object {
  const { level, sources, parents, deletable, failed, hints } = compaction;
  const { numSamples, numFloatSamples, numHistogramSamples, numSeries, numChunks, numTombstones } = stats ?? {};
  const counts = { numSamples, numFloatSamples, numHistogramSamples, numSeries, numChunks, numTombstones };
  return {
    ulid,
    minTime,
    maxTime,
    stats: withoutEmpty(counts),
    compaction: { level, ...withoutEmpty({ sources, deletable, parents, failed, hints }) },
    ...(downsampled === undefined ? {} : { downsampled }),
    version,
  };
}

function withoutEmpty(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const isEmpty = (value: unknown) => !value || (Array.isArray(value) && value.length === 0);
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => !isEmpty(value)));
}

/** Number of float samples and of histogram samples of a block. */
export type SampleCounts = Required<Pick<BlockStats, "numFloatSamples" | "numHistogramSamples">>;

/** The fields of meta.json that the creator of a new block sets. writeBlock() adds the counts. */
export type BlockDraft = Omit<BlockMeta, "stats" | "version">;
