import { join } from "node:path";
import { DOWNSAMPLED_FOLDER } from "../block-set/block-folders.ts";
import { inReadingOrder } from "../block-set/block-hints.ts";
import { BlockError, isLasting } from "../block/block-error.ts";
import type { BlockDraft, BlockMeta } from "../block/meta.ts";
import { cleanedDraft, newBlockName } from "../compact/draft.ts";
import {
  downsampledSpan,
  type DownsamplingState,
  keyOfDownsampling,
  nextDownsampling,
  type PlannedDownsampling,
  wantedDownsamplings,
} from "../downsample/downsampling-plan.ts";
import { sourceOf } from "../downsample/needed-blocks.ts";
import { seriesOfRule } from "../downsample/rule.ts";
import type { MaintenanceContext } from "./context.ts";

/**
 * Longest time in ms for which retention keeps expired samples that wait for downsampling while the maintenance fails.
 */
const LONGEST_WAIT_MS = 3_600_000;

/** Returns the next downsampling whose source blocks will not be merged any more. Undefined if none is planned. */
export function plannedDownsampling(context: MaintenanceContext): PlannedDownsampling | undefined {
  const state = stateOf(context);
  return state === undefined ? undefined : nextDownsampling(state);
}

/**
 * Returns the time ranges whose samples are kept past their retention until they are downsampled. Returns no time
 * ranges if the maintenance has failed for LONGEST_WAIT_MS.
 */
export function awaitedDownsamplings(context: MaintenanceContext): readonly PlannedDownsampling[] {
  const { failingSince, parts } = context;
  if (failingSince !== undefined && parts.clock.monotonic() - failingSince >= LONGEST_WAIT_MS) return [];
  const state = stateOf(context);
  return state === undefined ? [] : wantedDownsamplings(state);
}

function stateOf({
  parts,
  limits,
  downsamplingRules: rules,
  doneDownsamplings: done,
}: MaintenanceContext): DownsamplingState | undefined {
  const raw = parts.blocks.blocks.map(({ meta }) => meta);
  if (rules.length === 0 || raw.length === 0) return undefined;
  const downsampled = parts.downsampled.blocks.map(({ meta }) => meta);
  const endOfRaw = endOf(raw);
  return {
    rules,
    raw,
    downsampled,
    spanMs: downsampledSpan(parts.ranges, limits.timeMs),
    // A block is final under the same conditions as for the cold tier: two later blocks exist, so the planner no longer
    // waits to merge the block, and out-of-order samples can no longer arrive for its time range.
    settled: endOfRaw - Math.max(parts.head.outOfOrder.windowMs, 2 * parts.ranges[0]!),
    newest: Math.max(endOfRaw, endOf(downsampled)),
    done,
  };
}

const endOf = (metas: readonly BlockMeta[]): number =>
  metas.reduce((end, { maxTime }) => Math.max(end, maxTime), -Infinity);

/** Writes a block with downsampled data. Keeps the source blocks. */
export async function downsample(context: MaintenanceContext, planned: PlannedDownsampling): Promise<void> {
  const { blocks, clock, logger, random } = context.parts;
  const { resolutionMs, minTime, maxTime } = planned;
  const { downsamplingRules: rules, doneDownsamplings: done } = context;
  const sources = inReadingOrder(blocks.blocks.filter(({ meta }) => meta.minTime < maxTime && meta.maxTime > minTime));
  const ulid = newBlockName(clock.now(), random);
  const series = seriesOfRule(rules, planned.rule);
  const compaction = { level: 1, sources: [ulid] };
  const downsampled = { resolutionMs, series, sources: sources.map(({ meta }) => sourceOf(meta)) };
  const draft: BlockDraft = { ulid, minTime, maxTime, compaction, downsampled };
  const range = { resolutionMs, minTime, maxTime };
  try {
    const meta = await context.writeFromBlocks({
      kind: "downsample",
      dir: downsampledFolder(context),
      draft,
      blocks: sources.map(({ dir }) => dir),
      range,
      series,
    });
    await publishDownsampled(context, meta);
    if (meta === undefined) done.add(keyOfDownsampling(rules, planned));
    logger.info("downsampled blocks", { ...range, blocks: sources.length, into: meta?.ulid ?? "nothing" });
  } catch (cause) {
    // Skips this downsampling in later runs after a lasting error, such as damage. Other errors, such as a full disk or
    // the end of a thread, may be temporary.
    if (isLasting(cause)) done.add(keyOfDownsampling(rules, planned));
    throw cause;
  }
}

/** Rewrites downsampled blocks without the rows of aggregates that include deleted samples. */
export async function cleanDownsampled(context: MaintenanceContext): Promise<void> {
  const { clock, downsampled, random } = context.parts;
  for (;;) {
    const block = downsampled.blocks.find(({ tombstones }) => tombstones.size > 0);
    if (block === undefined) return;
    const draft = {
      ...cleanedDraft(newBlockName(clock.now(), random), block.meta),
      downsampled: block.meta.downsampled!,
    };
    const dir = downsampledFolder(context);
    const meta = await context.writeFromBlocks({ kind: "clean downsampled", dir, draft, block: block.dir });
    if (meta === undefined) downsampled.remove([block]);
    await publishDownsampled(context, meta);
  }
}

function downsampledFolder({ parts: { dir, files } }: MaintenanceContext): string {
  const folder = join(dir, DOWNSAMPLED_FOLDER);
  files.makeFolder(folder);
  files.syncFolderNow(dir);
  return folder;
}

/** Adds a new downsampled block to the open blocks. If it cannot be read, removes it and throws BlockError. */
async function publishDownsampled({ parts }: MaintenanceContext, meta: BlockMeta | undefined): Promise<void> {
  const { dir, downsampled } = parts;
  await downsampled.prepare();
  downsampled.reload();
  if (meta === undefined || downsampled.has(meta.ulid)) return;
  const reason = downsampled.damaged.find(({ ulid }) => ulid === meta.ulid)?.reason ?? "it is not there";
  downsampled.discard(meta.ulid);
  throw new BlockError(
    join(dir, DOWNSAMPLED_FOLDER, meta.ulid),
    0,
    `the block was written but cannot be read: ${reason}`,
  );
}
