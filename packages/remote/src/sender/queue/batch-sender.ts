import { ByteWriter, SnappyCompressor } from "@narthex/bytes";
import type { RemoteQueueConfig } from "@narthex/config";
import { type Clock, type Logger, logOnChange, type StateLog } from "@narthex/runtime";
import { nextPause } from "../client/backoff.ts";
import { encodeV1 } from "../message/encode-v1.ts";
import { V2Encoder } from "../message/encode-v2.ts";
import type { QueueNumber, QueueStats } from "./queue-stats.ts";
import { EXEMPLAR_ENTRY, FLOAT, type SampleBatch } from "../message/sample-batch.ts";
import type { SentSeries } from "../series/sent-series.ts";
import type { SendOutcome, WriteClient, WrittenCounts } from "../client/write-client.ts";

export interface BatchSenderOptions {
  readonly series: SentSeries;
  readonly client: Pick<WriteClient, "send">;
  readonly stats: QueueStats;
  readonly queue: RemoteQueueConfig;
  readonly version: 1 | 2;
  readonly clock: Clock;
  readonly logger: Logger;
  /**
   * Signal that abandons requests in progress. The next queue with the same key sends the entries of these requests
   * again.
   */
  readonly signal: AbortSignal;
  /** Signal that stops further attempts to send a request. */
  readonly lastTry: AbortSignal;
}

/** Numbers of entries in a request, by kind. */
interface Counts {
  samples: number;
  histograms: number;
  exemplars: number;
  metadata: number;
}

const KINDS = ["samples", "histograms", "exemplars"] as const;
const EVERY_KIND = [...KINDS, "metadata"] as const;

/**
 * Sends the batches and the metadata of a queue. Encodes messages, repeats each request until it is accepted or
 * refused, and counts entries.
 */
export class BatchSender {
  /**
   * Number of entries that were sent or dropped because of their age, and the time in ms spent on sending. The number
   * of shards is computed from these numbers.
   */
  readonly work: { entries: number; milliseconds: number } = { entries: 0, milliseconds: 0 };
  /** Time when the last request finished, Unix ms. */
  lastSentAt: number;
  /**
   * Time until which the number of shards stays the same, Unix ms. While a receiver is down, more shards do not help.
   */
  keepShardsUntil = 0;
  readonly #options: BatchSenderOptions;
  readonly #message = new ByteWriter(256 * 1024);
  readonly #snappy = new SnappyCompressor();
  readonly #v2: V2Encoder;
  /**
   * Logs when the receiver becomes reachable or unreachable. A message for each failed attempt of each shard would be
   * too much.
   */
  readonly #state: StateLog;

  constructor(options: BatchSenderOptions) {
    this.#options = options;
    this.#v2 = new V2Encoder(options.series);
    this.#state = logOnChange(options.logger, "Sending a batch");
    this.lastSentAt = options.clock.now();
  }

  /** Sends a batch. Resolves with false if the batch was abandoned. */
  async send(batch: SampleBatch): Promise<boolean> {
    const { clock, stats, queue } = this.#options;
    const start = clock.monotonic();
    const counts = countsOf(batch, -Infinity);
    const { sampleAgeLimitMs } = queue;
    const tooOld = (): number => (sampleAgeLimitMs > 0 ? clock.now() - sampleAgeLimitMs : -Infinity);
    let [dropped, body]: [Counts, Uint8Array | undefined] = [NOTHING, undefined];
    const prepare = (): { readonly body: Uint8Array | undefined; readonly counts: Counts } => {
      const oldest = tooOld();
      if (body === undefined || batch.oldest < oldest) {
        const sent = countsOf(batch, oldest);
        for (const kind of KINDS) stats.add(TOO_OLD[kind], counts[kind] - sent[kind] - dropped[kind]);
        dropped = difference(counts, sent);
        const metadata = this.#encode(batch, oldest);
        body = sumOf(sent) === 0 ? undefined : this.#snappy.compress(this.#message.written).slice();
        counts.metadata = metadata;
      }
      return { body, counts: { ...difference(counts, dropped), metadata: counts.metadata } };
    };
    const isDone = await this.#try(prepare, (size) => stats.add("bytesSent", size));
    if (!isDone) return false;
    this.#noteDone(batch, counts, clock.monotonic() - start);
    return true;
  }

  async sendMetadata(message: Uint8Array, count: number): Promise<void> {
    const { stats } = this.#options;
    const body = this.#snappy.compress(message).slice();
    const counts = { ...NOTHING, metadata: count };
    await this.#try(
      () => ({ body, counts }),
      (size) => stats.add("metadataBytesSent", size),
    );
  }

  #noteDone(batch: SampleBatch, counts: Counts, milliseconds: number): void {
    const { stats, clock } = this.#options;
    for (const kind of KINDS) stats.add(PENDING[kind], -counts[kind]);
    this.work.entries += sumOf(counts);
    this.work.milliseconds += milliseconds;
    this.lastSentAt = clock.now();
    const newest = Math.floor(batch.newest / 1000);
    if (newest > stats.get("highestSentSeconds")) stats.set("highestSentSeconds", newest);
  }

  /**
   * Sends the message that `prepare` returns, until it is accepted, refused or abandoned. Returns false if the message
   * was abandoned.
   */
  async #try(
    prepare: () => { readonly body: Uint8Array | undefined; readonly counts: Counts },
    sent: (bytes: number) => void,
  ): Promise<boolean> {
    const { client, clock, stats, queue, signal, lastTry } = this.#options;
    const limits = { minMs: queue.minBackoffMs, maxMs: queue.maxBackoffMs };
    for (let attempt = 0, wait = limits.minMs; ; attempt++) {
      const { body, counts } = prepare();
      if (body === undefined) return true;
      for (const kind of EVERY_KIND) stats.add(SENT[kind], counts[kind]);
      const start = clock.monotonic();
      const outcome = await client.send(body, attempt, signal);
      stats.observeSeconds((clock.monotonic() - start) / 1000);
      if (outcome.kind !== "again") {
        sent(body.length);
        this.#settle(outcome, counts);
        return true;
      }
      if (signal.aborted || lastTry.aborted) return false;
      const { pauseMs, nextMs } = nextPause(wait, outcome.retryAfterMs, limits);
      this.keepShardsUntil = clock.now() + 2 * pauseMs;
      this.#state.failed(outcome.problem, { retryIn: `${pauseMs / 1000}s` });
      try {
        await clock.sleep(pauseMs, lastTry);
      } catch {
        return false;
      }
      for (const kind of EVERY_KIND) stats.add(RETRIED[kind], counts[kind]);
      wait = nextMs;
    }
  }

  #settle(outcome: Exclude<SendOutcome, { kind: "again" }>, counts: Counts): void {
    const { version, logger, stats } = this.#options;
    if (outcome.kind === "sent") this.#state.succeeded();
    const written = version === 1 && outcome.kind === "sent" ? undefined : (outcome.written ?? NOTHING_WRITTEN);
    const failed = written === undefined ? NOTHING : notWritten(counts, written, outcome.kind === "sent");
    for (const kind of EVERY_KIND) stats.add(FAILED[kind], failed[kind]);
    const fields = {
      failedSampleCount: failed.samples,
      failedHistogramCount: failed.histograms,
      failedExemplarCount: failed.exemplars,
    };
    if (outcome.kind === "refused") {
      logger.error("non-recoverable error", { ...fields, err: outcome.problem });
    } else if (sumOf(failed) > 0) {
      const err = "sent v2 request with entries; got 2xx, but the receiver does not say that it has written them all";
      logger.error("non-recoverable error", { ...fields, err });
    }
  }

  /** Encodes a batch as a message. Returns how many entries were written with metadata. */
  #encode(batch: SampleBatch, oldest: number): number {
    const { version, series } = this.#options;
    if (version === 2) return this.#v2.encode(batch, this.#message, oldest);
    encodeV1(batch, series, this.#message, oldest);
    return 0;
  }
}

const NOTHING: Readonly<Counts> = { samples: 0, histograms: 0, exemplars: 0, metadata: 0 };
const NOTHING_WRITTEN: WrittenCounts = { samples: 0, histograms: 0, exemplars: 0 };

type Table = Readonly<Record<keyof Counts, QueueNumber>>;
const SENT: Table = {
  samples: "samplesSent",
  histograms: "histogramsSent",
  exemplars: "exemplarsSent",
  metadata: "metadataSent",
};
const FAILED: Table = {
  samples: "samplesFailed",
  histograms: "histogramsFailed",
  exemplars: "exemplarsFailed",
  metadata: "metadataFailed",
};
const RETRIED: Table = {
  samples: "samplesRetried",
  histograms: "histogramsRetried",
  exemplars: "exemplarsRetried",
  metadata: "metadataRetried",
};
const TOO_OLD: Omit<Table, "metadata"> = {
  samples: "samplesTooOld",
  histograms: "histogramsTooOld",
  exemplars: "exemplarsTooOld",
};
const PENDING: Omit<Table, "metadata"> = {
  samples: "samplesPending",
  histograms: "histogramsPending",
  exemplars: "exemplarsPending",
};

const sumOf = ({ samples, histograms, exemplars }: Counts): number => samples + histograms + exemplars;

const difference = (a: Counts, b: Counts): Counts => ({
  samples: a.samples - b.samples,
  histograms: a.histograms - b.histograms,
  exemplars: a.exemplars - b.exemplars,
  metadata: 0,
});

/**
 * Returns the number of entries that the receiver has not stored. Metadata counts as stored if the request was
 * accepted, because receivers do not report it.
 */
const notWritten = (counts: Counts, written: WrittenCounts, isTaken: boolean): Counts => ({
  samples: Math.max(0, counts.samples - written.samples),
  histograms: Math.max(0, counts.histograms - written.histograms),
  exemplars: Math.max(0, counts.exemplars - written.exemplars),
  metadata: isTaken ? 0 : counts.metadata,
});

/** Counts a batch's entries by kind, except entries older than `oldest` (ms). */
function countsOf(batch: SampleBatch, oldest: number): Counts {
  if (batch.oldest >= oldest && batch.floatCount === batch.count) return { ...NOTHING, samples: batch.count };
  const counts = { ...NOTHING };
  for (let i = 0; i < batch.count; i++) {
    if (batch.times[i]! < oldest) continue;
    const kind = batch.kinds[i];
    counts[kind === FLOAT ? "samples" : kind === EXEMPLAR_ENTRY ? "exemplars" : "histograms"]++;
  }
  return counts;
}
