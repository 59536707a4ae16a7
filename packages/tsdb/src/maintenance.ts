import { join } from "node:path";
import type { Clock, Logger } from "@narthex/runtime";
import type { Block } from "./block/block.ts";
import { BlockError } from "./block/block-error.ts";
import { type BlockMeta, writeMeta } from "./block/meta.ts";
import { makeBuckets, observe } from "./buckets.ts";
import type { BlockSet } from "./block-set.ts";
import type { CompactionDelay } from "./compact/compaction-delay.ts";
import type { Compactor } from "./compact/compactor.ts";
import { cleanedDraft, headDraft, type HeadPart, mergedDraft, newBlockName } from "./compact/draft.ts";
import type { PendingUploads } from "./compact/pending-uploads.ts";
import { planCompaction, type PlannedBlock } from "./compact/plan.ts";
import { endOfBlocks, isLate, isPartial } from "./end-of-blocks.ts";
import type { Files } from "./files.ts";
import { shareHead } from "./head/attach.ts";
import { rangeEnd } from "./head/float-chunks.ts";
import type { Head } from "./head/head.ts";
import { dropSnapshots } from "./head-snapshot/snapshot-folder.ts";
import { writeHeadStart } from "./head-start.ts";
import type { SealedOutOfOrder } from "./head/out-of-order.ts";
import type { StoredChunks } from "./head/stored-chunks.ts";
import { findStale, type StaleSeries } from "./head/stale-series.ts";
import { evictSeries, truncateHead } from "./head/truncate.ts";
import { beyondRetention, type RetentionLimits } from "./retention.ts";
import type { WalTruncation } from "./wal/truncation.ts";
import type { WalWriter } from "./wal/writer.ts";

export interface MaintenanceParts {
  readonly dir: string;
  readonly files: Files;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly head: Head;
  readonly stored: StoredChunks;
  readonly blocks: BlockSet;
  readonly compactor: Compactor;
  readonly wal: WalWriter;
  readonly truncation: WalTruncation;
  /** Lengths of blocks by level, ms; the first is that of blocks cut from the head. */
  readonly ranges: readonly number[];
  readonly mergeOverlapping: boolean;
  readonly delay: CompactionDelay;
  /** Blocks that are not to be merged yet. */
  readonly uploads?: PendingUploads | undefined;
  /** Numbers from 0 to below 1 for the names of blocks; default the system's. */
  readonly random?: (() => number) | undefined;
  /** Bytes of logs and head files, for retention by size. */
  readonly otherBytes: () => number;
}

/** What was done, for the self metrics. */
export class MaintenanceFacts {
  triggered = 0;
  ran = 0;
  failed = 0;
  vertical = 0;
  running = false;
  timeRetentions = 0;
  sizeRetentions = 0;
  /** Seconds that compactions took, and the cleaning of deleted samples. */
  readonly durations = makeBuckets(1, 2, 14);
  readonly cleanups = makeBuckets(0.005, 2, 12);
  staleTriggered = 0;
  staleFailed = 0;
  /** Seconds that compactions of stale series took. */
  readonly staleDurations = makeBuckets(1, 2, 14);
}

/** Stale series are left to the next cut of the head where that is so near. */
const SOON_MS = 600_000;

/** A block with what planning must know of it. */
interface Candidate extends PlannedBlock {
  readonly block: Block;
}

/**
 * Keeps a data folder in shape: cuts blocks off the head, merges blocks, drops what is past retention. Its methods must
 * not run at the same time.
 */
export class Maintenance {
  readonly facts = new MaintenanceFacts();
  limits: RetentionLimits;
  /** Share of stale series from which on they are written to blocks early; 0 never. */
  staleThreshold = 0;
  /** When the head was cut last, ms of the monotonic clock. */
  #lastCut: number | undefined;
  readonly #parts: MaintenanceParts;
  /** Blocks whose compaction failed for damage: they are left alone. */
  readonly #failed = new Set<string>();

  constructor(parts: MaintenanceParts, limits: RetentionLimits) {
    this.#parts = parts;
    this.limits = limits;
  }

  /** Has the head more than a block and a half: the half still takes samples. */
  get headIsFull(): boolean {
    const { head, ranges } = this.#parts;
    return head.maxTime - head.minTime > ranges[0]! * 1.5;
  }

  /** Is the head full, and nothing holds its cutting back? */
  get mustCut(): boolean {
    return this.headIsFull && !this.#parts.delay.isWaiting;
  }

  /** Looks at the folder anew, and drops what is past retention. */
  reload(atStart = false): void {
    const { blocks, otherBytes, logger } = this.#parts;
    blocks.reload(atStart);
    const dated = blocks.blocks.map((block) => ({
      block,
      maxTime: block.meta.maxTime,
      sizeBytes: this.limits.sizeBytes > 0 ? block.sizeBytes : 0,
    }));
    const { byTime, bySize } = beyondRetention(dated, this.limits, this.limits.sizeBytes > 0 ? otherBytes() : 0);
    if (byTime.length > 0) this.facts.timeRetentions++;
    if (bySize.length > 0) this.facts.sizeRetentions++;
    const expired = new Set([...byTime, ...bySize].map(({ block }) => block));
    if (expired.size === 0) return;
    logger.info("dropping blocks past retention", { blocks: expired.size });
    blocks.remove([...expired]);
  }

  /** At the start: takes from the head what blocks hold already, and the series that have nothing else. */
  async dropWhatBlocksHold(lastSegment: number): Promise<void> {
    const { head, stored, truncation } = this.#parts;
    const { minValidTime } = head;
    if (minValidTime === -Infinity) return;
    const { series } = await truncateHead(head, minValidTime);
    for (const ref of series) truncation.keepUntil(ref, lastSegment);
    stored.truncate(minValidTime);
    settleMinTime(head, minValidTime);
  }

  /** Cuts off the head what it need not hold, and merges blocks, until nothing is left to do. */
  async compact(): Promise<void> {
    this.facts.triggered++;
    try {
      do {
        await this.#compactHead();
        await this.#compactBlocks();
      } while (this.mustCut);
    } catch (cause) {
      this.facts.failed++;
      throw cause;
    }
  }

  /** Writes blocks with deleted samples anew, without those. */
  async cleanTombstones(): Promise<void> {
    const { blocks, clock, compactor, dir, logger } = this.#parts;
    const start = clock.monotonic();
    for (;;) {
      const block = blocks.blocks.find(({ tombstones }) => tombstones.size > 0);
      if (block === undefined) break;
      const draft = cleanedDraft(newBlockName(clock.now(), this.#parts.random), block.meta);
      const meta = await this.#timed(() => compactor.run({ kind: "blocks", dir, draft, blocks: [block.dir] }));
      if (meta === undefined) this.#removeEmpty([block]);
      logger.info("cleaned a block of deleted samples", { block: block.meta.ulid, into: meta?.ulid ?? "nothing" });
      await this.#reloadInTurns(meta);
    }
    observe(this.facts.cleanups, (clock.monotonic() - start) / 1000);
  }

  /** Writes the series that have ended into blocks and out of the head, where they are many; the rest of it stays. */
  async compactStale(): Promise<void> {
    if (this.staleThreshold <= 0 || this.#cutsSoon()) return;
    const { clock, head, logger } = this.#parts;
    const stale = await findStale(head);
    if (stale.rows.length === 0 || stale.rows.length / head.memory.series.count < this.staleThreshold) return;
    const start = clock.monotonic();
    this.facts.staleTriggered++;
    try {
      const removed = await this.#cutStale(stale);
      const seconds = (clock.monotonic() - start) / 1000;
      observe(this.facts.staleDurations, seconds);
      logger.info("moved stale series from the head to blocks", {
        series: removed,
        duration: `${seconds.toFixed(3)}s`,
      });
    } catch (cause) {
      this.facts.staleFailed++;
      throw cause;
    }
  }

  async #cutStale({ rows, lastTimes, mask }: StaleSeries): Promise<number> {
    const { dir, head, ranges, truncation, wal } = this.#parts;
    const range = ranges[0]!;
    const { maxTime } = head;
    for (let from = Math.floor(head.minTime / range) * range; from <= maxTime; from += range) {
      await this.#reloadInTurns(await this.writeHead(dir, from, from + range, "stale", mask));
    }
    const { memory } = head;
    const { series } = await evictSeries(head, rows, (row, i) => memory.series.at.lastTime[row] === lastTimes[i]);
    for (const ref of series) truncation.keepUntil(ref, wal.segment);
    return series.length;
  }

  #cutsSoon(): boolean {
    const { clock, ranges } = this.#parts;
    return this.#lastCut !== undefined && clock.monotonic() + SOON_MS > this.#lastCut + ranges[0]!;
  }

  /** Writes what the head holds from `minTime` to below `maxTime` as a block into a folder. */
  async writeHead(
    dir: string,
    minTime: number,
    maxTime: number,
    part: HeadPart = "all",
    only?: Uint8Array,
  ): Promise<BlockMeta | undefined> {
    const { clock, compactor, head } = this.#parts;
    const draft = headDraft(newBlockName(clock.now(), this.#parts.random), minTime, maxTime, part);
    const shared = shareHead(head);
    const chunksDir = this.#parts.stored.files.dir;
    const unpin = head.pin();
    try {
      return await this.#timed(() =>
        compactor.run({
          kind: "head",
          dir,
          draft,
          head: shared.handles,
          chunksDir,
          minTime,
          maxTime: maxTime - 1,
          late: part === "late",
          only,
        }),
      );
    } finally {
      unpin();
      shared.release();
    }
  }

  async #compactHead(): Promise<void> {
    const { clock, delay, dir, files, head, logger, ranges, truncation } = this.#parts;
    let truncatedTo = -Infinity;
    for (;;) {
      delay.look(this.headIsFull);
      if (!this.mustCut) break;
      this.#lastCut = clock.monotonic();
      const { minTime } = head;
      const maxTime = rangeEnd(minTime, ranges[0]);
      // Appends go on later than this already; those that began earlier must be through.
      await head.endOfTransactionsBefore(maxTime);
      const meta = await this.writeHead(dir, minTime, maxTime);
      logger.info("wrote a block from the head", { block: meta?.ulid ?? "none", minTime, maxTime });
      await this.#reloadInTurns(meta);
      if (meta === undefined) writeHeadStart(dir, maxTime, files);
      await this.#truncateHead(maxTime);
      truncatedTo = maxTime;
    }
    if (truncatedTo === -Infinity) return;
    try {
      // Late samples that came back in a power cut would come without their deletions.
      await head.outOfOrder.log?.syncRemovals();
      // It names series by references that the log will not know any more.
      dropSnapshots(dir, files);
      await truncation.run(truncatedTo, (ref) => head.memory.series.rowOf(ref) !== 0, head.outOfOrder.minTime);
    } finally {
      await this.#compactLate();
    }
  }

  /** Out-of-order samples become blocks of the shortest range, aligned as those of the head. */
  async #compactLate(): Promise<void> {
    const { dir, head, stored } = this.#parts;
    const late = await this.writeLate(dir);
    if (late === undefined) return;
    await this.#reloadInTurns(...late.written);
    head.outOfOrder.drop(late.sealed);
    await head.outOfOrder.log?.syncRemovals();
    stored.truncate(head.minValidTime);
  }

  /** Writes what came out of order as blocks into a folder; undefined where there is nothing. */
  async writeLate(
    dir: string,
  ): Promise<{ sealed: SealedOutOfOrder; written: readonly (BlockMeta | undefined)[] } | undefined> {
    const { head, logger, ranges } = this.#parts;
    const { outOfOrder } = head;
    if (outOfOrder.minTime === Infinity) return undefined;
    const sealed = await head.turns.run(() => Promise.resolve(outOfOrder.seal()));
    const range = ranges[0]!;
    const written: (BlockMeta | undefined)[] = [];
    for (let from = rangeEnd(sealed.minTime, range) - range; from <= sealed.maxTime; from += range) {
      const meta = await this.writeHead(dir, from, from + range, "late");
      written.push(meta);
      if (meta !== undefined) logger.info("wrote a block of out-of-order samples", { block: meta.ulid });
    }
    return { sealed, written };
  }

  /**
   * New blocks take tens of milliseconds to open: others get their turn meanwhile. What a written block holds must be
   * forgotten only when it can be read: throws where one cannot.
   */
  async #reloadInTurns(...written: readonly (BlockMeta | undefined)[]): Promise<void> {
    const { blocks, dir } = this.#parts;
    await blocks.prepare();
    this.reload();
    const lost = written.flatMap((meta) => (meta === undefined || blocks.has(meta.ulid) ? [] : [meta.ulid]));
    const [first] = lost;
    if (first === undefined) return;
    const reason = blocks.damaged.find(({ ulid }) => ulid === first)?.reason ?? "it is not there";
    for (const ulid of lost) blocks.discard(ulid);
    throw new BlockError(join(dir, first), 0, `the block was written but cannot be read: ${reason}`);
  }

  async #truncateHead(minTime: number): Promise<void> {
    const { clock, head, stored, truncation, wal } = this.#parts;
    const start = clock.monotonic();
    head.counters.truncations++;
    head.minValidTime = Math.max(head.minValidTime, minTime);
    try {
      const { series } = await truncateHead(head, minTime);
      for (const ref of series) truncation.keepUntil(ref, wal.segment);
      stored.truncate(minTime);
    } catch (cause) {
      head.counters.truncationsFailed++;
      throw cause;
    }
    head.counters.collections++;
    head.counters.collectionSeconds += (clock.monotonic() - start) / 1000;
    settleMinTime(head, minTime);
  }

  async #compactBlocks(): Promise<void> {
    const { logger } = this.#parts;
    while (!this.mustCut) {
      const plan = this.#plan();
      if (plan.length === 0) return;
      const metas = plan.map(({ meta }) => meta);
      const merged = await this.#merge(plan);
      if (metas.some((meta, i) => i > 0 && meta.minTime < Math.max(...metas.slice(0, i).map((m) => m.maxTime)))) {
        this.facts.vertical++;
      }
      logger.info("merged blocks", {
        blocks: metas.map(({ ulid }) => ulid).join(","),
        into: merged?.ulid ?? "nothing",
      });
      if (merged === undefined) this.#removeEmpty(plan);
      await this.#reloadInTurns(merged);
    }
  }

  /** Blocks of stale or selected series alone are planned apart from those that hold all. */
  #plan(): readonly Block[] {
    const { blocks, mergeOverlapping, ranges, uploads } = this.#parts;
    const mergeable = uploads?.mergeable(blocks.blocks) ?? blocks.blocks;
    const candidates = mergeable
      .filter((block) => !this.#isAhead(block))
      .map((block): Candidate => {
        const { meta } = block;
        const failed = meta.compaction.failed === true || this.#failed.has(meta.ulid);
        const { numSeries = 0, numTombstones = 0 } = meta.stats ?? {};
        return { block, minTime: meta.minTime, maxTime: meta.maxTime, numSeries, numTombstones, failed };
      });
    const groups = [...Map.groupBy(candidates, ({ block }) => partOf(block.meta))];
    // Those that hold all series, of the empty name, come first.
    for (const [, group] of groups.sort(([a], [b]) => (a < b ? -1 : 1))) {
      const plan = planCompaction(group, { ranges, mergeOverlapping });
      if (plan.length > 0) return plan.map(({ block }) => block);
    }
    return [];
  }

  /**
   * Does the block hold late samples of a time that the head still has? Merged it would look as if the head began behind
   * it.
   */
  #isAhead({ meta }: Block): boolean {
    return isLate(meta) && meta.maxTime > this.#endOfBlocks();
  }

  /** Blocks of which nothing is left. The log may still have what they held: where it begins must stay known. */
  #removeEmpty(empty: readonly Block[]): void {
    const { blocks, dir, files } = this.#parts;
    const end = this.#endOfBlocks();
    if (empty.some(({ meta }) => !isPartial(meta) && meta.maxTime >= end)) writeHeadStart(dir, end, files);
    blocks.remove(empty);
  }

  #endOfBlocks(): number {
    return endOfBlocks(this.#parts.blocks.blocks.map(({ meta }) => meta));
  }

  async #merge(plan: readonly Block[]): Promise<BlockMeta | undefined> {
    const { clock, compactor, dir, files } = this.#parts;
    const metas = plan.map(({ meta }) => meta);
    const draft = mergedDraft(newBlockName(clock.now(), this.#parts.random), metas);
    try {
      return await this.#timed(() =>
        compactor.run({ kind: "blocks", dir, draft, blocks: plan.map((block) => block.dir) }),
      );
    } catch (cause) {
      // A full disk says nothing about the blocks: they are tried again.
      if ((cause as Error).name !== BlockError.name) throw cause;
      for (const { dir: path, meta } of plan) {
        this.#failed.add(meta.ulid);
        writeMeta(path, { ...meta, compaction: { ...meta.compaction, failed: true } }, files);
      }
      throw cause;
    }
  }

  async #timed<T>(work: () => Promise<T>): Promise<T> {
    const { clock } = this.#parts;
    const start = clock.monotonic();
    this.facts.running = true;
    try {
      const result = await work();
      this.facts.ran++;
      observe(this.facts.durations, (clock.monotonic() - start) / 1000);
      return result;
    } finally {
      this.facts.running = false;
    }
  }
}

/** Which part of the series the block was made of. */
const partOf = ({ compaction }: BlockMeta): string =>
  (compaction.hints ?? []).filter((hint) => hint === "from-stale-series" || hint === "from-selected-series").join();

/**
 * Where the head begins after a truncation: at its oldest sample, but not within the time that other series may still
 * append to.
 */
function settleMinTime(head: Head, minTime: number): void {
  if (head.maxTime === -Infinity) return;
  head.minTime = Math.max(head.minTime, minTime);
  if (head.minTime > minTime && head.minTime >= head.minAppendTime)
    head.minTime = Math.max(minTime, head.minAppendTime);
  head.minValidTime = Math.max(head.minValidTime, head.minTime);
}
