import { ByteWriter } from "@narthex/bytes";
import { Deadline, eventLoopYielder, QueryError } from "@narthex/promql";
import type { Clock } from "@narthex/runtime";
import { countOf, EncodedChunks, type Querier, type Queryable, SampleColumns, type SeriesSet } from "@narthex/storage";
import { ChunkEncoder } from "@narthex/tsdb";
import type { JobContext, WrittenResponse } from "../../evaluation/job-context.ts";
import { labelsOf } from "../../listing/series-selection.ts";
import { type ResponsePiece, PIECE_BYTES } from "../../response/response-pieces.ts";
import { ChunkFrames } from "./chunk-frames.ts";
import { CompressedAnswer, taken } from "./compressed-answer.ts";
import { localMatchers, mergePairs } from "./external-labels.ts";
import { type ReadQuery, readRequest } from "./read-request.ts";
import { type RemoteReadListing, sampleLimitMessage } from "./remote-read-listing.ts";
import { SampleSeries } from "./sample-series.ts";
import { storageErrorOf } from "../../errors/storage-error.ts";

/** The data and functions for answering a remote read. */
interface Reading {
  readonly listing: RemoteReadListing;
  readonly queryable: Queryable;
  readonly job: JobContext;
  readonly clock: Clock;
}

/** The series that a query has selected. The caller must close `querier`. */
interface Chosen {
  readonly querier: Querier;
  readonly set: SeriesSet;
}

/** Number of series after which the deadline is checked. */
const SERIES_PER_LOOK = 16;
/** Time in ms for which frames are written without a pause for other work of the thread. */
const SLICE_MS = 8;
/** Memory in bytes for the chunks of a series and the frames that contain them. */
const OWN_BYTES = 1024 * 1024;

/**
 * Answers a remote read request of another server. Rejects with a QueryError, which is "bad-query" for a malformed
 * request.
 */
export async function writeRemoteRead(
  listing: RemoteReadListing,
  queryable: Queryable,
  job: JobContext,
  clock: Clock,
): Promise<WrittenResponse> {
  const reading = { listing, queryable, job, clock };
  const queries = readRequest(listing.request);
  if (listing.form === "samples") return gatherSamples(reading, queries);
  // Takes memory before the storage is opened. Otherwise, the storage would stay open if the memory is refused.
  job.charge.take(OWN_BYTES);
  const first = queries.length === 0 ? undefined : await choose(reading, queries[0]!);
  // Includes only warnings of the first query, because later queries run after the header of the response was sent.
  const warnings = first === undefined ? [] : warningsOf(first);
  return { annotations: { warnings, infos: [] }, pieces: framesOf(reading, queries, first) };
}

/**
 * Returns the series that a query of the request selects. Undefined if the query has no matchers or an empty time
 * range.
 */
async function choose({ listing, queryable, job, clock }: Reading, query: ReadQuery): Promise<Chosen | undefined> {
  const { start, end, func } = query;
  const matchers = localMatchers(query, listing.externalLabels);
  if (matchers.length === 0 || start > end) return undefined;
  const deadline = new Deadline(clock, job.timeoutMs, job.signal);
  deadline.stage = "query execution";
  const querier = queryable.querier(start, end);
  try {
    const set = await querier.select(matchers, {
      start,
      end,
      func,
      signal: deadline.signal,
      memory: job.charge,
    });
    return { querier, set };
  } catch (error) {
    querier.close();
    throw storageErrorOf(deadline.translate(error));
  } finally {
    deadline.close();
  }
}

async function gatherSamples(reading: Reading, queries: readonly ReadQuery[]): Promise<WrittenResponse> {
  const { job, clock } = reading;
  const answer = new CompressedAnswer(job);
  const warnings = new Set<string>();
  const deadline = new Deadline(clock, job.timeoutMs, job.signal);
  deadline.stage = "query execution";
  const pause = eventLoopYielder(clock, deadline, job.yieldTurn);
  try {
    for (const query of queries) {
      answer.beginResult();
      const chosen = await choose(reading, query);
      if (chosen === undefined) continue;
      try {
        await addSeries(reading, query, chosen.set, answer, pause);
        for (const warning of warningsOf(chosen)) warnings.add(warning);
      } finally {
        chosen.querier.close();
      }
    }
  } catch (error) {
    throw storageErrorOf(deadline.translate(error));
  } finally {
    deadline.close();
  }
  return { annotations: { warnings: [...warnings], infos: [] }, pieces: answer.pieces() };
}

async function addSeries(
  { listing }: Reading,
  { start, end, func }: ReadQuery,
  set: SeriesSet,
  answer: CompressedAnswer,
  pause: () => Promise<void> | undefined,
): Promise<void> {
  const series = new SampleSeries();
  const columns = new SampleColumns();
  let found = 0;
  for (let i = 0; i < countOf(set); i++) {
    // Skips the samples for a list of series, which needs only labels.
    if (func !== "series") set.read(i, start, end, columns);
    found += columns.count;
    if (listing.sampleLimit > 0 && found > listing.sampleLimit) {
      throw new QueryError("bad-query", sampleLimitMessage(listing.sampleLimit));
    }
    answer.addSeries(series.write(mergePairs(labelsOf(set, i).pairs, listing.externalLabels), columns));
    const paused = pause();
    if (paused !== undefined) await paused;
  }
}

/** Yields the frames of the response as the reader takes them. Keeps the storage open until the end of the response. */
async function* framesOf(
  reading: Reading,
  queries: readonly ReadQuery[],
  first: Chosen | undefined,
): AsyncGenerator<ResponsePiece> {
  const { job, clock, listing } = reading;
  const out = new ByteWriter(PIECE_BYTES);
  const frames = new ChunkFrames(out, listing.maxBytesInFrame);
  let sliceEnd = clock.monotonic() + SLICE_MS;
  for (const [number, query] of queries.entries()) {
    const chosen = number === 0 ? first : await choose(reading, query);
    if (chosen === undefined) continue;
    const { querier, set } = chosen;
    const source = new ChunkSource(set, query);
    try {
      for (let i = 0; i < countOf(set); i++) {
        frames.write(mergePairs(labelsOf(set, i).pairs, listing.externalLabels), source.read(i), number);
        if (out.length >= PIECE_BYTES) yield taken(out, false, job.pieceMemory);
        if (i % SERIES_PER_LOOK !== SERIES_PER_LOOK - 1 || clock.monotonic() < sliceEnd) continue;
        await job.yieldTurn();
        if (job.signal.aborted) throw new QueryError("canceled", "query was canceled in query execution");
        sliceEnd = clock.monotonic() + SLICE_MS;
      }
    } finally {
      querier.close();
    }
  }
  yield taken(out, true, job.pieceMemory);
}

/** Reads the chunks of the selected series. */
class ChunkSource {
  readonly #set: SeriesSet;
  readonly #query: ReadQuery;
  readonly #chunks = new EncodedChunks();
  readonly #columns = new SampleColumns();
  readonly #encoder = new ChunkEncoder();

  constructor(set: SeriesSet, query: ReadQuery) {
    this.#set = set;
    this.#query = query;
  }

  /**
   * Returns the chunks of a series, valid until the next call. If stored chunks cannot be sent unchanged, encodes their
   * samples again.
   */
  read(index: number): EncodedChunks {
    const { start, end } = this.#query;
    if (this.#set.readChunks?.(index, start, end, this.#chunks) === true) return this.#chunks;
    this.#set.read(index, start, end, this.#columns);
    this.#encoder.reset();
    this.#encoder.encode(this.#columns);
    return this.#encoder;
  }
}

const warningsOf = ({ querier, set }: Chosen): readonly string[] => [
  ...new Set([...(querier.warnings ?? []), ...set.warnings]),
];
