import { skipUnknown, SnappyError, SnappyReader, snappySize, utf8Text, WireError, WireReader } from "@narthex/bytes";
import { readWrittenHistogram } from "@narthex/exposition";
import { atStoredResolution, type FloatHistogram, histogramProblem } from "@narthex/model";
import { type Clock, runInTimeSlices, systemClock } from "@narthex/runtime";
import { EncodedChunks, SampleColumns } from "@narthex/storage";
import { mergeRuns } from "@narthex/tsdb";
import {
  CHUNK,
  CHUNKED_READ_RESPONSE,
  CHUNKED_SERIES,
  LABEL,
  QUERY_RESULT,
  READ_RESPONSE,
  SAMPLE,
  TIME_SERIES,
} from "../read-messages.ts";
import { FrameReader } from "./frame-reader.ts";
import type { RemoteAnswer } from "./remote-reader.ts";
import type { RemoteSeries } from "./remote-series.ts";

/** Maximum size of a decompressed message in bytes. */
const MAX_MESSAGE_BYTES = 2 ** 30;
/** Memory in bytes of a series without its samples and the texts of its labels. */
const SERIES_BYTES = 512;

/** Function that takes memory for the data that is read. Throws if too little is left. */
type Take = (bytes: number) => void;

/**
 * Reads a response to its end, and lets other work run regularly. Rejects with a sentence if the response is malformed.
 */
export async function readAnswer(
  answer: RemoteAnswer,
  into: RemoteSeries,
  take: Take,
  clock: Clock = systemClock,
): Promise<void> {
  if (answer.form === "samples") await readSamples(answer, into, take, clock);
  else await readChunks(answer, into, take);
}

async function readSamples({ body, added }: RemoteAnswer, into: RemoteSeries, take: Take, clock: Clock): Promise<void> {
  const pieces: Uint8Array[] = [];
  for await (const piece of body) {
    take(piece.length);
    pieces.push(piece);
  }
  try {
    const packed = Buffer.concat(pieces);
    // Takes memory twice: for the decompressed message, and for the samples that are read from the message.
    const size = snappySize(packed);
    if (size <= MAX_MESSAGE_BYTES) take(size * 2);
    const message = await runInTimeSlices(clock, new SnappyReader().expanding(packed, MAX_MESSAGE_BYTES));
    into.decoded.count += message.length;
    await runInTimeSlices(clock, seriesOf(message, added, into, take));
  } catch (cause) {
    if (cause instanceof SnappyError)
      throw new Error("remote_read: error reading response: snappy: corrupt input", { cause });
    if (!(cause instanceof WireError)) throw cause;
    throw new Error(`remote_read: unable to unmarshal response body: ${cause.goMessage}`, { cause });
  }
}

async function readChunks({ body, added, maxFrameBytes }: RemoteAnswer, into: RemoteSeries, take: Take): Promise<void> {
  const frames = new FrameReader(maxFrameBytes);
  for await (const piece of body) {
    take(piece.length);
    for (const frame of frames.push(piece)) {
      try {
        readFrame(frame, added, into, take);
      } catch (cause) {
        if (cause instanceof WireError) throw new Error(cause.goMessage, { cause });
        throw cause;
      }
    }
  }
  frames.end();
}

/** Reads the series in a ReadResponse to a single query, in steps. */
function* seriesOf(
  message: Uint8Array,
  added: readonly string[],
  into: RemoteSeries,
  take: Take,
): Generator<undefined> {
  const wire = new WireReader(message);
  let results = 0;
  for (let tag = wire.tag(READ_RESPONSE.message); tag !== 0; tag = wire.tag(READ_RESPONSE.message)) {
    if (tag !== 10) {
      skipUnknown(wire, tag, READ_RESPONSE);
      continue;
    }
    results++;
    const end = wire.range();
    const result = new WireReader(message, wire.start, end);
    for (let field = result.tag(QUERY_RESULT.message); field !== 0; field = result.tag(QUERY_RESULT.message)) {
      if (field !== 10) {
        skipUnknown(result, field, QUERY_RESULT);
        continue;
      }
      const endOfSeries = result.range();
      take(SERIES_BYTES);
      readSeries(new WireReader(message, result.start, endOfSeries), added, into);
      yield;
    }
  }
  if (results !== 1) throw new Error(`remote_read: responses: want 1, got ${results}`);
}

function readSeries(wire: WireReader, added: readonly string[], into: RemoteSeries): void {
  const pairs: string[] = [];
  const floats = new SampleColumns(0);
  const histograms = new SampleColumns(0);
  for (let tag = wire.tag(TIME_SERIES.message); tag !== 0; tag = wire.tag(TIME_SERIES.message)) {
    if (tag === 10) readLabel(nested(wire), added, pairs);
    else if (tag === 18) readSample(nested(wire), floats);
    else if (tag === 34) {
      const { timestamp, histogram } = readWrittenHistogram(nested(wire));
      histograms.pushHistogram(timestamp, checked(histogram));
    } else if (tag === 26) wire.range();
    else skipUnknown(wire, tag, TIME_SERIES);
  }
  const before = floats.count;
  for (let i = 0; i < histograms.count; i++) floats.pushFrom(histograms, i);
  mergeRuns(floats, before, histograms);
  into.add(pairs, floats);
}

/** Reduces a received histogram to a resolution that queries support. Throws if its buckets are inconsistent. */
function checked(sent: FloatHistogram): FloatHistogram {
  const histogram = atStoredResolution(sent);
  const problem = histogramProblem(histogram);
  if (problem !== undefined) throw new Error(`remote_read: ${problem}`);
  return histogram;
}

function readSample(wire: WireReader, into: SampleColumns): void {
  const words = new Uint32Array(2);
  let time = 0;
  for (let tag = wire.tag(SAMPLE.message); tag !== 0; tag = wire.tag(SAMPLE.message)) {
    if (tag === 9) wire.doubleWords(words, 0);
    else if (tag === 16) time = wire.int64();
    else skipUnknown(wire, tag, SAMPLE);
  }
  into.pushFloat(time, words, 0);
}

/** Reads the series of a ChunkedReadResponse. */
function readFrame(frame: Uint8Array, added: readonly string[], into: RemoteSeries, take: Take): void {
  const wire = new WireReader(frame);
  const { message } = CHUNKED_READ_RESPONSE;
  for (let tag = wire.tag(message); tag !== 0; tag = wire.tag(message)) {
    if (tag === 10) {
      take(SERIES_BYTES);
      readChunkedSeries(nested(wire), added, into);
    } else if (tag === 16) wire.int64();
    else skipUnknown(wire, tag, CHUNKED_READ_RESPONSE);
  }
}

function readChunkedSeries(wire: WireReader, added: readonly string[], into: RemoteSeries): void {
  const pairs: string[] = [];
  const chunks = new EncodedChunks(0);
  for (let tag = wire.tag(CHUNKED_SERIES.message); tag !== 0; tag = wire.tag(CHUNKED_SERIES.message)) {
    if (tag === 10) readLabel(nested(wire), added, pairs);
    else if (tag === 18) readChunk(nested(wire), chunks);
    else skipUnknown(wire, tag, CHUNKED_SERIES);
  }
  into.add(pairs, chunks);
}

function readChunk(wire: WireReader, into: EncodedChunks): void {
  let [minTime, maxTime, encoding, start, end] = [0, 0, 0, 0, 0];
  for (let tag = wire.tag(CHUNK.message); tag !== 0; tag = wire.tag(CHUNK.message)) {
    if (tag === 8) minTime = wire.int64();
    else if (tag === 16) maxTime = wire.int64();
    else if (tag === 24) encoding = wire.int32();
    else if (tag === 34) {
      end = wire.range();
      start = wire.start;
    } else skipUnknown(wire, tag, CHUNK);
  }
  into.add(wire.bytes, start, end, encoding, minTime, maxTime);
}

function readLabel(wire: WireReader, added: readonly string[], into: string[]): void {
  let [name, value] = ["", ""];
  for (let tag = wire.tag(LABEL.message); tag !== 0; tag = wire.tag(LABEL.message)) {
    if (tag === 10) name = textOf(wire);
    else if (tag === 18) value = textOf(wire);
    else skipUnknown(wire, tag, LABEL);
  }
  if (!added.includes(name)) into.push(name, value);
}

function textOf(wire: WireReader): string {
  const end = wire.range();
  return utf8Text(wire.bytes.subarray(wire.start, end));
}

/** Returns a reader for the next nested message. Afterwards, `wire` continues after that message. */
function nested(wire: WireReader): WireReader {
  const end = wire.range();
  return new WireReader(wire.bytes, wire.start, end);
}
