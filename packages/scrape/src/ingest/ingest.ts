import type { ScrapeConfig } from "@narthex/config";
import {
  bodyFormat,
  type BodyFormat,
  ENTRY_END,
  ENTRY_HISTOGRAM,
  ENTRY_MORE,
  ENTRY_NOTHING,
  ENTRY_SERIES,
  type EntryKind,
  type EntryReader,
  type ExposedExemplar,
  ExpositionError,
  type KnownLines,
  openReader,
  readsWindows,
  type ReaderOptions,
} from "@narthex/exposition";
import { type FloatHistogram, histogramProblem, type Labels, quote } from "@narthex/model";
import type { Clock } from "@narthex/runtime";
import {
  type Appender,
  NO_SERIES,
  OUTCOME_FULL,
  OUTCOME_INVALID_HISTOGRAM,
  OUTCOME_OK,
  OUTCOME_UNKNOWN_SERIES,
  type SeriesRef,
} from "@narthex/storage";
import type { SeriesBudget } from "../budget/series-budget.ts";
import { appendExemplars } from "./exemplars.ts";
import type { BodyContent, BodyWindow } from "../fetch/body-content.ts";
import type { ScrapedBody } from "../fetch/fetch.ts";
import { isCumulative, isFamilyMember } from "./family-member.ts";
import type { CachedFamily, FamilyMetadata, MetadataCache } from "../cache/metadata-cache.ts";
import type { ScrapeMetrics } from "../metrics.ts";
import { limitResolution, maxSchemaFor } from "./native-limits.ts";
import { SampleLabelBytes } from "./sample-label-bytes.ts";
import { repeatedName, sampleLabels, SeriesError } from "./sample-labels.ts";
import type { Sample } from "./sample.ts";
import type { SampleBuffer } from "./sample-buffer.ts";
import { ScrapeError } from "../fetch/scrape-error.ts";
import type { SeriesCache } from "../cache/series-cache.ts";
import { SkippedSamples } from "./skipped-samples.ts";
import type { StartSynthesis } from "../cache/start-synthesis.ts";
import type { Target } from "../target/target.ts";

/** Maximum time in ms for which a body is read without a yield to the event loop. */
const SLICE_MS = 3;
/** Number of entries of the body that are read between two checks of the time. */
const ENTRIES_PER_LOOK = 256;
/** Number of bytes for which a long entry of the body counts as one more entry. */
const BYTES_PER_ENTRY = 4096;

/** The storage refused a sample, and the reason makes the whole scrape fail. */
class RefusedError extends SeriesError {}

/** Numbers of samples and series of one scrape, up to the failure if the scrape fails. */
export interface IngestCounts {
  /** Number of parsed samples. */
  total: number;
  /** Number of samples that relabeling kept. */
  added: number;
  /** Number of series in this scrape that the last scrape did not contain. */
  seriesAdded: number;
  /** Number of samples of series that the job's budget omits. */
  cut: number;
}

export type ReadingFeatures = Pick<ReaderOptions, "createdLines" | "typeAndUnitLabels">;

/** Objects that a scrape loop passes to each of its ingests. */
export interface IngestContext {
  readonly job: ScrapeConfig;
  readonly target: Target;
  readonly cache: SeriesCache;
  readonly metadata: MetadataCache;
  readonly buffer: SampleBuffer;
  readonly budget: SeriesBudget;
  readonly metrics: ScrapeMetrics;
  readonly clock: Clock;
  readonly pause: () => Promise<void>;
  /** True if the type, help and unit of each series are stored. */
  readonly withMetadata: boolean;
  readonly reading: ReadingFeatures;
}

/**
 * Outcome of reading a body. Undefined if all samples were appended. "retry" if the storage has forgotten series, so
 * that the same body must be read again. `fault` is an unexpected error.
 */
export type IngestOutcome = { readonly problem: string; readonly fault?: unknown } | "retry" | undefined;

export class Ingest {
  readonly counts: IngestCounts = { total: 0, added: 0, seriesAdded: 0, cut: 0 };
  readonly skipped = new SkippedSamples();
  readonly #context: IngestContext;
  readonly #appender: Appender;
  /** Timestamp of samples for which the body contains no timestamp, Unix ms. */
  readonly #timestamp: number;
  /** Number of samples that count towards the sample limit. */
  #counted = 0;
  #overSampleLimit = false;
  /** Number of lines to read one by one before the next comparison with the last scrape, and its initial value. */
  #wait = 0;
  #lastWait = 0;
  /** Exemplars of samples that are in the buffer and not appended yet. */
  #exemplars: { readonly exemplars: readonly ExposedExemplar[]; readonly slot: number }[] = [];
  #overBucketLimit = false;
  #forgotten = false;
  /** True if the storage had no room for a sample. */
  #full = false;
  /** The family of the last metadata line. */
  #family: CachedFamily | undefined;
  readonly #labelBytes: SampleLabelBytes;
  readonly #sample: Sample = { timestamp: 0, value: 0, start: 0, histogram: undefined, fresh: false, tracked: false };

  constructor(context: IngestContext, appender: Appender, timestamp: number) {
    this.#context = context;
    this.#appender = appender;
    this.#timestamp = timestamp;
    this.#labelBytes = new SampleLabelBytes(context, appender);
  }

  /** Reads the whole body and appends its samples. An empty body is not an error, whatever its content type. */
  async run(body: ScrapedBody): Promise<IngestOutcome> {
    const { job, cache, metrics } = this.#context;
    cache.begin();
    if (body.content.size === 0) return undefined;
    try {
      const choice = bodyFormat(body.contentType, job.fallbackScrapeProtocol);
      if (!choice.ok) return { problem: choice.problem };
      await this.#readBody(choice.format, body.content);
    } catch (error) {
      this.#countLimits();
      if (error instanceof SeriesError && error.overLimit) metrics.exceededLabelLimits.inc();
      if (error instanceof RefusedError) this.counts.added--;
      const foreseen = [SeriesError, ExpositionError, ScrapeError].some((kind) => error instanceof kind);
      const problem = error instanceof Error ? error.message : String(error);
      return foreseen ? { problem } : { problem, fault: error };
    }
    if (this.#forgotten) return "retry";
    this.#countLimits();
    if (this.#full) return { problem: this.#refusal };
    if (this.#overSampleLimit) return { problem: "sample limit exceeded" };
    return this.#overBucketLimit ? { problem: "histogram bucket limit exceeded" } : undefined;
  }

  get #refusal(): string {
    return this.#appender.refusal ?? "the storage is full";
  }

  /** Counts the exceeded limits in the metrics, even if the body has other errors. */
  #countLimits(): void {
    const { metrics } = this.#context;
    if (this.#overSampleLimit) metrics.exceededSampleLimit.inc();
    if (this.#overBucketLimit) metrics.exceededBucketLimit.inc();
  }

  async #readBody(format: BodyFormat, content: BodyContent): Promise<void> {
    const { target, cache, metadata, reading } = this.#context;
    cache.lines.readAs(format);
    metadata.begin(cache.lines.preambleGeneration);
    const { nativeHistograms, alwaysClassic, convertToNhcb } = target;
    const options = { nativeHistograms, alwaysClassic, convertToNhcb, ...reading };
    const piece = readsWindows(format, options) ? content : await content.inOnePiece(this.#context.pause);
    const window = piece.open();
    try {
      const windowed = !window.last;
      await this.#readAll(openReader(format, window.bytes, cache.lines, { ...options, windowed }), window);
    } finally {
      window.close();
      if (piece !== content) piece.release();
    }
  }

  async #readAll(reader: EntryReader, window: BodyWindow): Promise<void> {
    try {
      await this.#readEntries(reader, window);
    } finally {
      // Appends the samples in the buffer even after an error, because other scrapes use the same buffer. The samples
      // are rolled back later, but their series count as part of this scrape and get no stale markers.
      this.#flush();
    }
  }

  async #readEntries(reader: EntryReader, window: BodyWindow): Promise<void> {
    const { clock, pause, metadata } = this.#context;
    let sliceEnd = clock.monotonic() + SLICE_MS;
    let untilLook = ENTRIES_PER_LOOK;
    for (;;) {
      if (this.#takeKnown(reader)) untilLook = 0;
      else {
        const kind = reader.next();
        if (kind === ENTRY_END) break;
        if (kind === ENTRY_SERIES || kind === ENTRY_HISTOGRAM) {
          this.#take(kind, reader);
          untilLook -= (reader.seriesEnd - reader.seriesStart) / BYTES_PER_ENTRY;
        } else if (kind !== ENTRY_NOTHING && kind !== ENTRY_MORE) {
          this.#family = metadata.take(kind, reader);
          untilLook -= (reader.metadataEnd - reader.metadataStart) / BYTES_PER_ENTRY;
        } else {
          if (kind === ENTRY_MORE) advanceWindow(reader, window);
          untilLook = 0;
        }
      }
      if (--untilLook > 0) continue;
      untilLook = ENTRIES_PER_LOOK;
      if (clock.monotonic() < sliceEnd) continue;
      this.#flush();
      await pause();
      sliceEnd = clock.monotonic() + SLICE_MS;
    }
  }

  /** Appends the next samples together if their series equal those of the last scrape. Returns whether it did. */
  #takeKnown(reader: EntryReader): boolean {
    if (this.#wait > 0) {
      this.#wait--;
      return false;
    }
    const known = reader.peekKnown?.();
    if (known === undefined) return false;
    const count = this.#countPlain(known);
    if (count === 0) {
      // If too few lines are equal, waits longer before the next comparison, because a comparison of many lines takes
      // much longer than reading one line.
      this.#wait = this.#lastWait = Math.min(this.#lastWait * 2 + 1, known.count);
      return false;
    }
    this.#lastWait = 0;
    const { job, cache, metadata, buffer } = this.#context;
    const { first, preambleLines, preambleLineCount, values } = known;
    reader.passKnown!(count);
    for (let i = 0; i < preambleLineCount && preambleLines[i]! < count; i++) {
      this.#family = metadata.passPreamble(cache.lines.preambleOf(first + preambleLines[i]!)) ?? this.#family;
    }
    cache.seeAll(first, count);
    this.counts.total += count;
    if (this.#overSampleLimit) {
      this.#countBeyondLimit(first, count);
      return true;
    }
    if (!buffer.hasRoomFor(count)) this.#flush();
    const before = buffer.batch.count;
    let cut = 0;
    if (cache.gapsAmongUnseen || (job.honorTimestamps && known.hasTimes)) cut = this.#putEach(known, count);
    else buffer.putRun(cache.refs(first, count), values.subarray(0, count), this.#timestamp, first, cache.synthesis);
    const added = buffer.batch.count - before + cut;
    this.counts.cut += cut;
    this.counts.added += added;
    this.#counted += added;
    if (buffer.full) this.#flush();
    return true;
  }

  /** Counts the known lines that exceed the sample limit, and does not append their samples. */
  #countBeyondLimit(first: number, count: number): void {
    const { cache } = this.#context;
    for (let index = first; index < first + count; index++) {
      if (cache.isDropped(index)) continue;
      this.counts.added++;
      cache.synthesis?.clear(index);
    }
  }

  /** Counts a new series that exceeds the sample limit. Neither the series nor its sample is stored. */
  #countNew(reader: EntryReader): void {
    const { job, target, metadata } = this.#context;
    metadata.settlePreamble(-1);
    if (sampleLabels(reader.labels(), target.publicLabels, job) !== undefined) this.counts.added++;
  }

  /** Appends known lines singly: some are dropped, omitted or have a timestamp. Returns the number of omitted lines. */
  #putEach({ first, values, times }: KnownLines, count: number): number {
    const { job, cache, buffer } = this.#context;
    let cut = 0;
    for (let i = 0; i < count; i++) {
      const index = first + i;
      if (cache.isDropped(index)) continue;
      if (cache.isCut(index)) {
        cut++;
        continue;
      }
      const timed = job.honorTimestamps && times[i] === times[i];
      const timestamp = timed ? times[i]! : this.#timestamp;
      const { synthesis } = cache;
      const counts = synthesis?.takeKnown(index, values[i]!, timestamp) === true;
      const value = counts ? synthesis.value : values[i]!;
      const slot = buffer.put(cache.ref(index), timestamp, value, counts ? synthesis.start : 0);
      buffer.index[slot] = index;
      buffer.fresh[slot] = 0;
      buffer.tracked[slot] = !timed || counts || job.trackTimestampsStaleness ? 1 : 0;
    }
    return cut;
  }

  /** Returns the number of known lines whose series can be appended, dropped or omitted without another check. */
  #countPlain(known: KnownLines): number {
    const { first, count, preambleLines, preambleLineCount } = known;
    const { job, cache, metadata, withMetadata, budget } = this.#context;
    const unseen = cache.countUnseen(first, count, budget.isFull);
    const judged = cache.synthesis === undefined ? unseen : this.#countJudged(cache.synthesis, known, unseen);
    const limited = job.sampleLimit > 0 && !this.#overSampleLimit;
    const plain = limited ? Math.min(judged, Math.max(0, job.sampleLimit - this.#counted)) : judged;
    if (withMetadata || cache.synthesis !== undefined) {
      const message =
        preambleLineCount > 0 && preambleLines[0] === 0 ? metadata.familyOf(cache.lines.preambleOf(first)) : undefined;
      const family = message ?? this.#family;
      if (family !== undefined && metadata.hasChanged(family)) return 0;
    }
    for (let i = 0; i < preambleLineCount && preambleLines[i]! < plain; i++) {
      if (!metadata.isSettled(cache.lines.preambleOf(first + preambleLines[i]!))) return preambleLines[i]!;
    }
    return plain;
  }

  /**
   * Returns the number of lines for whose series it is known whether they are cumulative. Stops at the first unknown
   * series or at changed metadata.
   */
  #countJudged(synthesis: StartSynthesis, known: KnownLines, count: number): number {
    const { cache, metadata } = this.#context;
    const { first, preambleLines, preambleLineCount } = known;
    let family = this.#family;
    let from = 0;
    for (let i = 0; i <= preambleLineCount && from < count; i++) {
      const to = i < preambleLineCount ? Math.min(preambleLines[i]!, count) : count;
      const judged = synthesis.countKnown(first + from, to - from, metadata.typesVersion, family?.number);
      if (judged < to - from) return from + judged;
      from = to;
      if (to < count) family = metadata.familyOf(cache.lines.preambleOf(first + to)) ?? family;
    }
    return count;
  }

  #take(kind: EntryKind, reader: EntryReader): void {
    const { job, cache, metadata, buffer, budget } = this.#context;
    const { synthesis } = cache;
    this.counts.total++;
    const explicit = job.honorTimestamps && !Number.isNaN(reader.timestamp);
    if (this.#overSampleLimit && !cache.lines.has(reader)) return this.#countNew(reader);
    const index = cache.lines.take(reader);
    metadata.settlePreamble(cache.lines.preambleOf(index));
    cache.admit(index);
    // Appends the samples in the buffer first if the series had a sample before. Only then it is known whether the
    // storage has refused that sample, so that this sample is not a duplicate.
    if (cache.isSeen(index)) this.#flush();
    const cut = budget.isFull && cache.isCut(index);
    const fresh = !cut && !cache.isKnown(index);
    const held = cache.isHeld(index) && synthesis?.isRolledBack(index) === false;
    const bytes = fresh ? this.#labelBytes.of(reader) : undefined;
    const labels = fresh && bytes === undefined ? this.#labelsOf(index, reader) : undefined;
    // True for a duplicate sample of the series in this scrape. If the storage refused the series earlier in this
    // scrape, this sample is not a duplicate and may be stored.
    const again = cache.see(index) && (!fresh || held);
    if (cache.isDropped(index)) return;
    this.counts.added++;
    if (again && !explicit) {
      this.skipped.duplicates++;
      synthesis?.clear(index);
      return;
    }
    const sample = this.#sample;
    sample.timestamp = explicit ? reader.timestamp : this.#timestamp;
    sample.value = reader.value;
    sample.start = reader.startTimestamp ?? 0;
    sample.histogram = kind === ENTRY_HISTOGRAM ? reader.histogram() : undefined;
    sample.fresh = fresh && !held;
    sample.tracked = !explicit || job.trackTimestampsStaleness;
    if (synthesis !== undefined && !cut && !this.#synthesize(synthesis, index, reader, labels, again)) return;
    if (sample.histogram !== undefined && !this.#limitHistogram(index)) return;
    if (++this.#counted > job.sampleLimit && job.sampleLimit > 0) {
      this.#overSampleLimit = true;
      synthesis?.clear(index);
      return;
    }
    if (bytes !== undefined) this.#refer(index, this.#appender.seriesFromBytes!(bytes));
    else if (cut || (labels !== undefined && !this.#resolve(index, labels, reader))) {
      this.counts.cut++;
      return;
    }
    const { histogram, timestamp } = sample;
    let outcome: number = OUTCOME_OK;
    if (histogram === undefined) this.#append(index);
    else outcome = this.#appendHistogram(index, histogram);
    if (this.#family !== undefined && this.#context.withMetadata) this.#describe(index, reader, fresh, this.#family);
    const exemplars = reader.exemplars();
    if (exemplars.length === 0) {
      if (buffer.full) this.#flush();
      return;
    }
    if (histogram === undefined) this.#exemplars.push({ exemplars, slot: buffer.batch.count - 1 });
    else if (outcome === OUTCOME_OK) this.#appendExemplars(index, exemplars, timestamp);
    if (buffer.full) this.#flush();
  }

  /** Appends the exemplars of a sample, unless the storage refused the sample. */
  #appendExemplars(index: number, exemplars: readonly ExposedExemplar[], timestamp: number): void {
    const ref = this.#context.cache.ref(index);
    this.skipped.exemplars += appendExemplars(this.#appender, ref, exemplars, timestamp);
  }

  /**
   * Replaces the sample of a cumulative series without a start time by a value with a derived start time. Returns false
   * if the sample must not be stored because it is the base of later samples.
   */
  #synthesize(
    synthesis: StartSynthesis,
    index: number,
    reader: EntryReader,
    labels: Labels | undefined,
    again: boolean,
  ): boolean {
    const { cache } = this.#context;
    const sample = this.#sample;
    const { histogram, timestamp } = sample;
    if (sample.start !== 0) {
      synthesis.clear(index);
      return true;
    }
    if (this.#mustBeJudged(synthesis, index, reader, labels !== undefined))
      this.#judge(synthesis, index, reader, labels);
    if (synthesis.isPlain(index)) return true;
    if (again) synthesis.repeat(index);
    sample.tracked = true;
    const goesOn =
      histogram === undefined
        ? synthesis.takeFloat(index, sample.value, timestamp)
        : synthesis.takeHistogram(index, histogram, timestamp);
    if (goesOn) {
      sample.value = synthesis.value;
      sample.start = synthesis.start;
      if (histogram !== undefined) sample.histogram = synthesis.histogram;
      return true;
    }
    if (labels === undefined) cache.track(index);
    else if (this.#isBeyondBudget(labels)) {
      cache.cut(index);
      this.counts.cut++;
    } else {
      cache.hold(index);
      if (sample.fresh && !this.#overSampleLimit && !this.#overBucketLimit) this.counts.seriesAdded++;
    }
    return false;
  }

  /**
   * Reports whether it must be decided if the series is cumulative. Readers that skip known lines pass only changed
   * lines to this method.
   */
  #mustBeJudged(synthesis: StartSynthesis, index: number, reader: EntryReader, fresh: boolean): boolean {
    if (synthesis.isUnknown(index)) return true;
    if (!synthesis.isPlain(index)) return false;
    const family = this.#family;
    return (
      fresh || reader.peekKnown !== undefined || (family !== undefined && this.#context.metadata.hasChanged(family))
    );
  }

  #judge(synthesis: StartSynthesis, index: number, reader: EntryReader, labels: Labels | undefined): void {
    const { job, target, metadata } = this.#context;
    const family = this.#family;
    const stored = labels ?? sampleLabels(reader.labels(), target.publicLabels, job);
    const name = stored?.get("__name__") ?? "";
    if (family !== undefined && isCumulative(name, family.metric, family.type)) synthesis.clear(index);
    else synthesis.leaveAlone(index, metadata.typesVersion, family?.number);
  }

  /** Reports whether the job's series budget refuses a series. A series that is already in the storage is accepted. */
  #isBeyondBudget(labels: Labels): boolean {
    return this.#context.budget.isFull && (this.#appender.findSeries?.(labels) ?? NO_SERIES) === NO_SERIES;
  }

  /** Gets a reference for a new series from the storage. Returns false if the job's series budget omits the series. */
  #resolve(index: number, labels: Labels, reader: EntryReader): boolean {
    const { cache } = this.#context;
    const name = repeatedName(reader.labels(), labels);
    if (name !== undefined) throw new RefusedError(`label name ${quote(name)} is not unique: invalid sample`);
    if (this.#isBeyondBudget(labels)) {
      cache.cut(index);
      return false;
    }
    this.#refer(index, this.#appender.series(labels));
    return true;
  }

  #refer(index: number, ref: SeriesRef): void {
    if (ref === NO_SERIES) throw new RefusedError(this.#refusal);
    this.#context.cache.resolve(index, ref);
  }

  /** Returns the labels of an uncached series. If relabeling drops the series, records this in the cache. */
  #labelsOf(index: number, reader: EntryReader): Labels | undefined {
    const { job, target, cache } = this.#context;
    const labels = sampleLabels(reader.labels(), target.publicLabels, job);
    if (labels === undefined) cache.drop(index);
    return labels;
  }

  /** Reduces the histogram's resolution to the job's limits. Returns false if they cannot be satisfied. */
  #limitHistogram(index: number): boolean {
    const { job, cache } = this.#context;
    const { nativeHistogramMinBucketFactor, nativeHistogramBucketLimit } = job;
    const maxSchema = maxSchemaFor(nativeHistogramMinBucketFactor);
    const sample = this.#sample;
    sample.histogram = limitResolution(sample.histogram!, maxSchema, nativeHistogramBucketLimit);
    if (sample.histogram !== undefined) return true;
    cache.synthesis?.clear(index);
    if (!this.#overBucketLimit) {
      // Appends the samples in the buffer, so that they still count as added although the scrape fails.
      this.#flush();
      this.#overBucketLimit = true;
    }
    return false;
  }

  /** Appends the metadata of a series if the series is new or its metadata has changed. */
  #describe(index: number, reader: EntryReader, fresh: boolean, family: FamilyMetadata): void {
    const { job, target, cache, metadata } = this.#context;
    if (!fresh && !metadata.hasChanged(family)) return;
    const name = sampleLabels(reader.labels(), target.publicLabels, job)?.get("__name__") ?? "";
    if (!isFamilyMember(name, family.metric, family.type)) return;
    const { type, help, unit } = family;
    this.#appender.appendMetadata?.(cache.ref(index), { type, help, unit });
  }

  #append(index: number): void {
    const { buffer, cache } = this.#context;
    const { timestamp, value, start, fresh, tracked } = this.#sample;
    const slot = buffer.put(cache.ref(index), timestamp, value, start);
    buffer.index[slot] = index;
    buffer.fresh[slot] = fresh ? 1 : 0;
    buffer.tracked[slot] = tracked ? 1 : 0;
  }

  #appendHistogram(index: number, histogram: FloatHistogram): number {
    const { timestamp, start, fresh, tracked } = this.#sample;
    const ref = this.#context.cache.ref(index);
    const outcome = this.#appender.appendHistogram(ref, timestamp, histogram, start);
    if (outcome === OUTCOME_INVALID_HISTOGRAM)
      throw new RefusedError(histogramProblem(histogram) ?? "invalid histogram");
    this.#settle(outcome, index, fresh, tracked);
    return outcome;
  }

  #flush(): void {
    const { batch } = this.#context.buffer;
    if (batch.count === 0) return;
    try {
      this.#appendBatch();
    } finally {
      batch.count = 0;
      this.#exemplars = [];
    }
  }

  #appendBatch(): void {
    const { buffer } = this.#context;
    const { batch } = buffer;
    this.#appender.append(batch);
    for (let slot = 0; slot < batch.count; slot++) {
      this.#settle(batch.outcomes[slot]!, buffer.index[slot]!, buffer.fresh[slot] === 1, buffer.tracked[slot] === 1);
    }
    for (const { exemplars, slot } of this.#exemplars) {
      if (batch.outcomes[slot] !== OUTCOME_OK) continue;
      this.#appendExemplars(buffer.index[slot]!, exemplars, batch.timestamps[slot]!);
    }
  }

  #settle(outcome: number, index: number, fresh: boolean, tracked: boolean): void {
    const { cache } = this.#context;
    if (outcome === OUTCOME_UNKNOWN_SERIES) {
      cache.unresolve(index);
      this.#forgotten = true;
      return;
    }
    if (outcome !== OUTCOME_OK) cache.synthesis?.clear(index);
    if (outcome === OUTCOME_FULL) {
      this.#full = true;
      if (fresh) cache.unresolve(index);
      return;
    }
    if (outcome !== OUTCOME_OK) {
      this.skipped.count(outcome);
      // Treats the series as not scraped, because none of its samples is stored, so it needs no stale marker.
      if (fresh) cache.unresolve(index);
      return;
    }
    if (tracked) cache.track(index);
    if (fresh && !this.#overBucketLimit) this.counts.seriesAdded++;
  }
}

function advanceWindow(reader: EntryReader, window: BodyWindow): void {
  const dropped = reader.keptFrom!;
  window.advance(dropped);
  reader.refill!(window.bytes, dropped, window.last);
}
