import { type FloatHistogram, wordsOf } from "@narthex/model";
import type { Steps } from "@narthex/runtime";
import { SampleColumns } from "@narthex/storage";
import { ChunkEncoder } from "../../chunk/chunk-encoder.ts";
import type { ChunkFiles, StoredPlace } from "../chunk-files/chunk-files.ts";
import { type ChunkToWrite, chunkToWrite } from "../chunk-files/chunk-to-write.ts";
import type { ChunkId } from "../memory/chunk-table.ts";
import type { OutOfOrderCounts, OutOfOrderSample } from "./out-of-order-sample.ts";
import { dropSamplesOf, readOutOfOrder } from "./out-of-order-columns.ts";
import type { OutOfOrderLog } from "./out-of-order-log.ts";
import type { HeadMemory } from "../memory/head-memory.ts";
import type { SeriesRow } from "../memory/series-rows.ts";

/** Number of samples of a full out-of-order chunk; Prometheus' setting out_of_order_cap_max has the same default. */
const CHUNK_SAMPLES = 32;

/** Number of out-of-order samples that are logged and inserted between two yields to other work. */
export const STAGED_PER_STEP = 512;
/**
 * Limits for one step: number of series whose chunks are closed, number of series whose chunks are dropped, and number
 * of rows that are visited.
 */
const CLOSED_PER_STEP = 512;
const DROPPED_PER_STEP = 2048;
const ROWS_PER_STEP = 16_384;

/**
 * Number of free bytes that the chunk file must have before a commit writes its chunks. With less free space, a new
 * file begins.
 */
const ROOM_FOR_COMMIT = 16 * 1024 * 1024;

/** The newest full out-of-order chunk of each series that has one, in columns: the row, the reference and the chunk. */
interface SealedChunks {
  readonly rows: SeriesRow[];
  readonly refs: number[];
  readonly chunks: ChunkId[];
}

/** Out-of-order chunks of a series that were not full and have just been closed, the oldest first. */
interface ClosedChunks {
  readonly row: SeriesRow;
  readonly ids: readonly ChunkId[];
}

/** Out-of-order samples that seal() has selected for a block. */
export interface SealedOutOfOrder {
  readonly minTime: number;
  readonly maxTime: number;
  readonly chunks: SealedChunks;
  /** Number of a segment of the out-of-order log. All earlier segments contain only the selected samples. */
  readonly segment: number;
}

export interface ChunkStore {
  readonly files: Pick<ChunkFiles, "hasFailed" | "isReadyFor" | "settle">;
  /**
   * Writes chunks to a chunk file and returns their locations. Returns undefined if the chunks stay in memory.
   * `mayWait` says whether the call may wait for a sync.
   */
  storeAtOnce(
    ids: readonly ChunkId[],
    writes: readonly ChunkToWrite[],
    mayWait: boolean,
  ): readonly StoredPlace[] | undefined;
}

/**
 * The head's out-of-order samples. The samples are in separate chunks with the usual encodings: full chunks of up to 32
 * samples, and one open chunk for each series. A commit that adds samples to an open chunk encodes this chunk again.
 * The time ranges of the chunks overlap, and readers merge them.
 */
export class OutOfOrder {
  readonly #memory: HeadMemory;
  readonly #stored: ChunkStore | undefined;
  /**
   * Length of the out-of-order window, ms: a sample may be this much older than the head's newest sample. 0 means that
   * out-of-order samples are refused.
   */
  windowMs = 0;
  log: OutOfOrderLog | undefined;
  floatsAppended = 0;
  histogramsAppended = 0;
  minTime = Infinity;
  maxTime = -Infinity;
  chunksCreated = 0;
  /** Time range of the samples that arrive while drop() runs; otherwise undefined. */
  #since: { minTime: number; maxTime: number } | undefined;
  /** Row of the series whose chunk is being extended. `#open` has the decoded samples of that chunk. */
  #row: SeriesRow = 0;
  readonly #open = new SampleColumns(64);
  #changed = false;
  /** Out-of-order samples of the commit in progress. finish() stores them. */
  #staged: OutOfOrderSample[] = [];
  /** Timestamps of the samples in #staged, by series. */
  readonly #stagedTimes = new Map<SeriesRow, Set<number>>();
  readonly #one = new SampleColumns(1);
  readonly #encoder = new ChunkEncoder();

  /** @param stored files for full chunks; without them the chunks stay in memory */
  constructor(memory: HeadMemory, stored: ChunkStore | undefined) {
    this.#memory = memory;
    this.#stored = stored;
  }

  /** Returns whether an out-of-order sample of this time is within the window. */
  accepts(time: number, newest: number): boolean {
    return this.windowMs > 0 && time >= newest - this.windowMs;
  }

  /** Inserts a float. Returns false if the series already has a sample with this time, or if there is no room. */
  insertFloat(row: SeriesRow, time: number, high: number, low: number, start = 0): boolean {
    this.#one.reset();
    const words = wordsOf(this.#one.values);
    words[0] = low;
    words[1] = high;
    this.#one.timestamps[0] = time;
    this.#one.count = 1;
    this.#one.setStart(start);
    if (!this.#insert(row, time)) return false;
    this.floatsAppended++;
    return true;
  }

  insertHistogram(row: SeriesRow, time: number, histogram: FloatHistogram, start = 0): boolean {
    this.#one.reset();
    this.#one.pushHistogram(time, histogram);
    this.#one.setStart(start);
    if (!this.#insert(row, time)) return false;
    this.histogramsAppended++;
    return true;
  }

  /**
   * Whether chunks can be written to files only after a sync. Chunks that become full before that sync stay in memory.
   */
  get mustSettle(): boolean {
    const files = this.#stored?.files;
    return files?.isReadyFor(ROOM_FOR_COMMIT) === false && !files.hasFailed;
  }

  /** Waits for the sync of chunk files, without blocking the event loop. If the sync fails, chunks stay in memory. */
  async settle(): Promise<void> {
    try {
      await this.#stored?.files.settle();
    } catch {
      // Ignores the error of the sync, because the next compaction syncs the chunk files too and logs an error.
    }
  }

  /**
   * Adds a sample to the commit in progress; finish() stores it. If several samples of a series have the same
   * timestamp, only the first sample is kept.
   */
  stage(sample: OutOfOrderSample): void {
    const { row, time } = sample;
    const times = this.#stagedTimes.get(row);
    if (times?.has(time) === true) return;
    if (times === undefined) this.#stagedTimes.set(row, new Set([time]));
    else times.add(time);
    this.#staged.push(sample);
  }

  /**
   * Returns the samples of the commit in progress, in parts of at most 512. There is at least one part, which may be
   * empty.
   */
  takeStaged(): OutOfOrderSample[][] {
    const staged = this.#staged;
    this.#staged = [];
    this.#stagedTimes.clear();
    if (staged.length <= STAGED_PER_STEP) return [staged];
    const count = Math.ceil(staged.length / STAGED_PER_STEP);
    return Array.from({ length: count }, (_, i) => staged.slice(i * STAGED_PER_STEP, (i + 1) * STAGED_PER_STEP));
  }

  /**
   * Logs a part of a commit's out-of-order samples and then makes the samples visible. On failure, throws the system's
   * error and stores no sample of the part.
   */
  finish(staged: readonly OutOfOrderSample[] = []): OutOfOrderCounts {
    if (staged.length > 0) this.#logStaged(staged);
    this.#leave();
    this.log?.flush();
    if (staged.length === 0) return { floats: 0, histograms: 0 };
    const before = { floats: this.floatsAppended, histograms: this.histogramsAppended };
    this.#insertStaged(staged);
    return {
      floats: this.floatsAppended - before.floats,
      histograms: this.histogramsAppended - before.histograms,
    };
  }

  /**
   * Writes samples to the out-of-order log. Closes full chunks first, because their markers must precede later samples
   * in the log.
   */
  #logStaged(staged: readonly OutOfOrderSample[]): void {
    for (const sample of staged) {
      const { row, time } = sample;
      if (row !== this.#row) {
        this.#leave();
        this.#enter(row);
      }
      const open = this.#open;
      if (open.timestamps.subarray(0, open.count).includes(time)) continue;
      if (open.count >= CHUNK_SAMPLES) {
        this.#close(row);
        open.reset();
      }
      this.log?.sample(sample);
    }
  }

  #insertStaged(staged: readonly OutOfOrderSample[]): void {
    const closed = new Set<SeriesRow>();
    for (const sample of staged) {
      const { row, time, high, low, start, histogram } = sample;
      const chunks = this.chunksCreated;
      const isNew =
        histogram === undefined
          ? this.insertFloat(row, time, high, low, start)
          : this.insertHistogram(row, time, histogram, start);
      if (this.chunksCreated > chunks) closed.add(row);
      // Logs the sample a second time after the marker of the chunk that it has filled, because a replay assumes that
      // all samples before a marker are in the chunk.
      if (isNew && closed.has(row)) this.log?.sample(sample);
    }
    this.#leave();
    try {
      this.log?.flush();
    } catch {
      // Ignores the error of the flush, because the next commit reports it. Without the markers of full chunks, the
      // next start inserts samples that are already in chunk files, which is harmless.
    }
  }

  /**
   * Adds a full chunk from a chunk file to its series during a replay. Removes samples of this chunk that the log has
   * before the chunk's marker. Keeps other samples before the marker, because their own chunk may be missing.
   */
  takeStored(row: SeriesRow, chunk: ChunkId): void {
    if (row !== this.#row) {
      this.#leave();
      this.#enter(row);
    }
    const { chunks, series } = this.#memory;
    const open = this.#open;
    if (open.count > 0) {
      this.#dropStored(chunk);
      this.#publish();
      this.#close(row);
      open.reset();
    }
    this.#see(row, chunks.minTime[chunk]!, chunks.maxTime[chunk]!);
    chunks.previous[chunk] = series.at.outOfOrder[row]!;
    series.rows.setOutOfOrderFull(row, chunk);
  }

  /** Removes from the open chunk the samples that a stored chunk already contains. */
  #dropStored(chunk: ChunkId): void {
    const open = this.#open;
    const stored = new SampleColumns(CHUNK_SAMPLES);
    try {
      readOutOfOrder(this.#memory.chunks, { open: 0, full: chunk, end: 0 }, -Infinity, Infinity, stored);
    } catch {
      // Removes no samples, because the stored chunk cannot be read. All samples of the log are kept, and queries that
      // read the chunk report the error.
      return;
    }
    this.#changed = true;
    dropSamplesOf(stored, open);
  }

  /**
   * Closes all out-of-order chunks and begins a new segment of the log. The closed chunks do not change any more, so
   * they can be written to a block. No commit may run between the steps.
   */
  *seal(): Steps<SealedOutOfOrder> {
    this.#leave();
    const { series } = this.#memory;
    const chunks: SealedChunks = { rows: [], refs: [], chunks: [] };
    for (let row = 1; row < series.end;) {
      if (row > 1) yield;
      row = this.#sealRows(row, chunks);
      this.log?.flush();
    }
    const { minTime, maxTime } = this;
    return { minTime, maxTime, chunks, segment: this.log?.nextSegment() ?? 0 };
  }

  /** Closes the chunks of some series, from row `from` on. Returns the next row. */
  #sealRows(from: SeriesRow, sealed: SealedChunks): SeriesRow {
    const { series } = this.#memory;
    const { at } = series;
    const end = Math.min(series.end, from + ROWS_PER_STEP);
    const closed: ClosedChunks[] = [];
    this.#memory.beginChange();
    let row = from;
    for (; row < end && closed.length < CLOSED_PER_STEP; row++) {
      if (at.ref[row] === 0) continue;
      if (at.outOfOrderOpen[row] !== 0) closed.push({ row, ids: this.#fillUp(row) });
      if (!this.#hasFull(row)) continue;
      sealed.rows.push(row);
      sealed.refs.push(at.ref[row]!);
      sealed.chunks.push(at.outOfOrder[row]!);
    }
    this.#store(closed);
    this.#memory.endChange();
    return row;
  }

  /**
   * Removes the samples that seal() selected from memory and from the log, because a block now contains them. Commits
   * may run between the steps.
   */
  *drop({ chunks, segment }: SealedOutOfOrder): Steps<void> {
    const { series } = this.#memory;
    const since = { minTime: Infinity, maxTime: -Infinity };
    this.#since = since;
    for (let from = 0; from < chunks.rows.length; from += DROPPED_PER_STEP) {
      if (from > 0) yield;
      this.#memory.beginChange();
      for (let i = from; i < Math.min(chunks.rows.length, from + DROPPED_PER_STEP); i++) {
        const row = chunks.rows[i]!;
        if (series.at.ref[row] === chunks.refs[i]) this.#dropFrom(row, chunks.chunks[i]!);
      }
      this.#memory.endChange();
    }
    let [minTime, maxTime] = [Infinity, -Infinity];
    for (let row = 1; row < series.end; row++) {
      if (row % ROWS_PER_STEP === 0) yield;
      if (series.at.ref[row] === 0 || !this.has(row)) continue;
      minTime = Math.min(minTime, series.at.outOfOrderMin[row]!);
      maxTime = Math.max(maxTime, series.at.outOfOrderMax[row]!);
    }
    this.minTime = Math.min(minTime, since.minTime);
    this.maxTime = Math.max(maxTime, since.maxTime);
    this.#since = undefined;
    this.log?.truncate(segment);
  }

  /** Returns whether the series has out-of-order samples that are not in a block. */
  has(row: SeriesRow): boolean {
    return this.#memory.series.at.outOfOrderOpen[row] !== 0 || this.#hasFull(row);
  }

  /**
   * Returns the number of the oldest chunk file with out-of-order samples that are not in a block; Infinity if there is
   * no such file. Commits may run between the steps.
   */
  *oldestFile(): Steps<number> {
    if (this.minTime === Infinity) return Infinity;
    const { chunks, series } = this.#memory;
    let oldest = Infinity;
    for (let row = 1; row < series.end; row++) {
      if (row % ROWS_PER_STEP === 0) yield;
      const { at } = series;
      const end = at.outOfOrderEnd[row]!;
      for (let id = at.outOfOrder[row]!; id !== end && id !== 0; id = chunks.previous[id]!) {
        const file = chunks.fileOf(id);
        if (file !== 0 && file < oldest) oldest = file;
      }
    }
    return oldest;
  }

  #hasFull(row: SeriesRow): boolean {
    const { at } = this.#memory.series;
    return at.outOfOrder[row] !== at.outOfOrderEnd[row];
  }

  #insert(row: SeriesRow, time: number): boolean {
    if (!this.#memory.capacity.hasReserve) {
      this.#memory.capacity.refuseSamples(1);
      return false;
    }
    if (row !== this.#row) {
      this.#leave();
      this.#enter(row);
    }
    const open = this.#open;
    if (open.count >= CHUNK_SAMPLES) {
      this.#publish();
      this.#close(row);
      open.reset();
    }
    let at = open.count;
    while (at > 0 && open.timestamps[at - 1]! > time) at--;
    if (at > 0 && open.timestamps[at - 1] === time) return false;
    open.pushFrom(this.#one, 0);
    moveLast(open, at);
    this.#changed = true;
    this.#see(row, time, time);
    return true;
  }

  #see(row: SeriesRow, from: number, to: number): void {
    const { series } = this.#memory;
    this.#memory.beforeChange(row);
    series.expectOutOfOrder();
    const isFirst = !this.has(row) && !(row === this.#row && this.#open.count > 1);
    series.rows.widenOutOfOrder(row, from, to, isFirst);
    this.#widen(from, to);
  }

  #widen(from: number, to: number): void {
    this.minTime = Math.min(this.minTime, from);
    this.maxTime = Math.max(this.maxTime, to);
    if (this.#since === undefined) return;
    this.#since.minTime = Math.min(this.#since.minTime, from);
    this.#since.maxTime = Math.max(this.#since.maxTime, to);
  }

  #enter(row: SeriesRow): void {
    this.#row = row;
    this.#open.reset();
    const open = this.#memory.series.at.outOfOrderOpen[row]!;
    if (open !== 0) readOutOfOrder(this.#memory.chunks, { open, full: 0, end: 0 }, -Infinity, Infinity, this.#open);
  }

  #leave(): void {
    if (this.#row !== 0) this.#publish();
    this.#row = 0;
    this.#open.reset();
  }

  /** Encodes the chunk of the current series if it has changed, and makes the new encoding visible to readers. */
  #publish(): void {
    if (!this.#changed) return;
    this.#changed = false;
    const row = this.#row;
    const encoder = this.#encoder;
    encoder.reset();
    encoder.encode(this.#open);
    this.#memory.beginChange();
    this.#memory.beforeChange(row);
    this.#removeOpen(row);
    let last: ChunkId = 0;
    for (let i = 0; i < encoder.count; i++) {
      const [start, end] = [encoder.start[i]!, encoder.end[i]!];
      const [from, to] = [encoder.minTime[i]!, encoder.maxTime[i]!];
      last = this.#memory.chunks.add(encoder.bytes, start, end - start, encoder.encoding[i]!, from, to, last);
      this.#memory.chunks.previous[last] = i === 0 ? 0 : this.#memory.chunks.previous[last]!;
    }
    this.#memory.series.rows.setOutOfOrderOpen(row, last);
    this.#memory.endChange();
  }

  #removeOpen(row: SeriesRow): void {
    const { chunks, series } = this.#memory;
    for (let id = series.at.outOfOrderOpen[row]!; id !== 0; id = chunks.previous[id]!) chunks.remove(id);
    series.rows.setOutOfOrderOpen(row, 0);
  }

  /**
   * Closes the open out-of-order chunk of a series: writes it to a chunk file, if there are files, and its marker to
   * the log.
   */
  #close(row: SeriesRow): void {
    if (this.#memory.series.at.outOfOrderOpen[row] !== 0) this.#store([{ row, ids: this.#fillUp(row) }]);
  }

  /** Marks the out-of-order chunks of a series that are not full as full. Returns these chunks, oldest first. */
  #fillUp(row: SeriesRow): ChunkId[] {
    const { chunks, series } = this.#memory;
    let oldest = series.at.outOfOrderOpen[row]!;
    const ids: ChunkId[] = [oldest];
    while (chunks.previous[oldest] !== 0) {
      oldest = chunks.previous[oldest]!;
      ids.unshift(oldest);
    }
    this.#memory.beginChange();
    this.#memory.beforeChange(row);
    chunks.previous[oldest] = series.at.outOfOrder[row]!;
    series.rows.closeOutOfOrder(row);
    this.chunksCreated += ids.length;
    this.#memory.endChange();
    return ids;
  }

  /** Writes full chunks to a chunk file in one call, and their markers to the log. */
  #store(closed: readonly ClosedChunks[]): void {
    if (closed.length === 0 || this.#stored === undefined) return;
    const ids = closed.flatMap((each) => each.ids);
    const writes = closed.flatMap((each) => each.ids.map((id) => chunkToWrite(this.#memory, each.row, id, true)));
    // Waits for a sync only during a replay, which is the time when there is no log.
    const places = this.#stored.storeAtOnce(ids, writes, this.log === undefined) ?? [];
    for (const [i, place] of places.entries()) {
      this.log?.marker(writes[i]!.ref, place.file * 2 ** 32 + place.entryOffset);
    }
  }

  /**
   * Cuts a series' list of chunks before a given chunk, for readers that start later. Readers that started earlier
   * still follow the whole list.
   */
  #dropFrom(row: SeriesRow, chunk: ChunkId): void {
    const { chunks, reclaimer, series } = this.#memory;
    const { at } = series;
    const end = at.outOfOrderEnd[row]!;
    this.#memory.beforeChange(row);
    series.rows.endOutOfOrderAt(row, chunk);
    const ref = at.ref[row]!;
    reclaimer.retire(() => this.#unlink(row, ref, chunk), 0, 0);
    for (let id = chunk; id !== end && id !== 0; id = chunks.previous[id]!) chunks.remove(id);
  }

  /**
   * Unlinks dropped chunks that have no readers any more, so that the list ends before them. New chunks may have been
   * added after the drop.
   */
  #unlink(row: SeriesRow, ref: number, chunk: ChunkId): void {
    const { chunks, series } = this.#memory;
    const { at } = series;
    if (at.ref[row] !== ref || at.outOfOrderEnd[row] !== chunk) return;
    let oldest = at.outOfOrder[row]!;
    this.#memory.beginChange();
    this.#memory.beforeChange(row);
    if (oldest !== chunk) {
      while (chunks.previous[oldest] !== chunk) oldest = chunks.previous[oldest]!;
      chunks.previous[oldest] = 0;
    }
    series.rows.unlinkOutOfOrderEnd(row);
    this.#memory.endChange();
  }
}

/** Moves the last sample to index `to`, and shifts the samples from `to` on by one. */
function moveLast(columns: SampleColumns, to: number): void {
  const last = columns.count - 1;
  if (to === last) return;
  const { timestamps, values, valueWords: words, histograms, startTimestamps: starts } = columns;
  const time = timestamps[last]!;
  if (starts !== undefined) {
    const start = starts[last]!;
    starts.copyWithin(to + 1, to, last);
    starts[to] = start;
  }
  const [low, high] = [words[last * 2]!, words[last * 2 + 1]!];
  const histogram = histograms?.[last];
  timestamps.copyWithin(to + 1, to, last);
  words.copyWithin(to * 2 + 2, to * 2, last * 2);
  timestamps[to] = time;
  words[to * 2] = low;
  words[to * 2 + 1] = high;
  if (histograms === undefined) return;
  values[to] = histogram === undefined ? values[to]! : 0;
  for (let i = last; i > to; i--) histograms[i] = histograms[i - 1];
  histograms[to] = histogram;
}
