import { WireError } from "@narthex/bytes";
import { type Clock, Mutex, runInTimeSlices } from "@narthex/runtime";
import type { Appendable, Appender } from "@narthex/storage";
import { createIngestBuffer, Ingest, IngestError, type WrittenCounts } from "./ingest.ts";
import { MessageUnpacker } from "./message-unpacker.ts";
import { MessageError } from "../message-error.ts";
import { SeriesReferences } from "./series-references.ts";
import { SymbolReferences } from "./symbol-references.ts";
import { WRITE_MESSAGES, type WriteCompression, type WriteMessage } from "./write-protocol.ts";
import { WriteRequestV1 } from "./write-v1.ts";
import { WriteRequestV2 } from "./write-v2.ts";

/** Longest time in ms that a sample may be ahead of the clock. */
export const MAX_AHEAD_MS: number = 10 * 60_000;

export interface WriteReceiverOptions {
  readonly appendable: Appendable;
  readonly clock: Clock;
  /** Returns how much older than the newest sample an out-of-order sample may be, ms. */
  readonly outOfOrderWindowMs: () => number;
  /** True to store type, help and unit of series. */
  readonly withMetadata: boolean;
  /**
   * True if series get the labels `__type__` and `__unit__`, with the type and the unit of their metric. Applies only
   * to remote write 2.0, because messages of version 1.0 do not contain the type and unit of each series.
   */
  readonly typeAndUnitLabels: boolean;
}

export interface WriteResult {
  /**
   * HTTP status of the response. 204 if all entries were stored, 400 for errors of the sender, 413 for a message that
   * is too large, 500 for errors of this server.
   */
  readonly status: 204 | 400 | 413 | 500;
  /** The error text; empty for status 204. */
  readonly problem: string;
  /** Numbers of stored entries; undefined if the request could not be read. */
  readonly counts?: Readonly<WrittenCounts>;
  /** Number of series (1.0) or samples (2.0) that were left out because their labels cannot be stored. */
  readonly withInvalidLabels: number;
}

/**
 * Stores remote write requests. Each request is one transaction. Requests are read one after the other, with pauses for
 * other work, so only one request is decompressed at a time.
 */
export class WriteReceiver {
  readonly #options: WriteReceiverOptions;
  readonly #mutex = new Mutex();
  readonly #unpacker: MessageUnpacker;
  readonly #buffer = createIngestBuffer();
  readonly #references: SeriesReferences;
  readonly #symbols: SymbolReferences;

  constructor(options: WriteReceiverOptions) {
    this.#options = options;
    this.#unpacker = new MessageUnpacker(options.clock);
    this.#references = new SeriesReferences(options.clock);
    this.#symbols = new SymbolReferences(options.clock);
  }

  /**
   * Receives a request and stores its content.
   * @param body the compressed message; for Snappy a single block
   */
  async receive(
    message: WriteMessage,
    body: Uint8Array,
    compression: WriteCompression = "snappy",
  ): Promise<WriteResult> {
    const { result, appender } = await this.#mutex.runExclusive(() => this.#read(message, body, compression));
    if (appender === undefined) return result;
    try {
      await appender.commit();
      return result;
    } catch (error) {
      return { ...refused(500, error instanceof Error ? error.message : String(error)), counts: NOTHING };
    }
  }

  /**
   * Reads a request into a transaction, which the caller commits. Rolls the transaction back if the request has no data
   * to store.
   */
  async #read(message: WriteMessage, body: Uint8Array, compression: WriteCompression): Promise<ReadRequest> {
    const { appendable, clock } = this.#options;
    let bytes: Uint8Array;
    try {
      bytes = await this.#unpacker.unpack(body, compression);
    } catch (error) {
      if (error instanceof MessageError) return { result: refused(error.status, error.message) };
      throw error;
    }
    const maxTimestamp = clock.now() + MAX_AHEAD_MS;
    const appender = appendable.appender({ maxTimestamp, ordersByCommitted: true });
    let mustRollBack = true;
    try {
      const result = await this.#ingest(message, bytes, appender, maxTimestamp);
      mustRollBack = result.status !== 204 && message === WRITE_MESSAGES[0];
      return mustRollBack ? { result } : { result, appender };
    } catch (error) {
      if (error instanceof WireError) return { result: refused(400, error.goMessage) };
      if (error instanceof MessageError) return { result: refused(error.status, error.message) };
      if (error instanceof IngestError) return { result: { ...refused(500, error.message), counts: NOTHING } };
      throw error;
    } finally {
      if (mustRollBack) appender.rollback();
    }
  }

  async #ingest(
    message: WriteMessage,
    bytes: Uint8Array,
    appender: Appender,
    maxTimestamp: number,
  ): Promise<WriteResult> {
    const { clock, outOfOrderWindowMs, withMetadata, typeAndUnitLabels } = this.#options;
    const isFirst = message === WRITE_MESSAGES[0];
    const known = isFirst ? this.#references : this.#symbols;
    known.begin();
    const request = isFirst
      ? new WriteRequestV1(bytes, this.#references)
      : new WriteRequestV2(bytes, this.#symbols, typeAndUnitLabels);
    const ingest = new Ingest(this.#buffer, {
      appender,
      references: isFirst ? this.#references : this.#symbols.series,
      maxTimestamp,
      outOfOrderWindowMs: outOfOrderWindowMs(),
      withMetadata,
      labelsAt: (at) => request.labelsAt(at),
      refuse: (problem, at) => request.refuse(problem, at),
    });
    await runInTimeSlices(clock, request.steps(ingest));
    const { problem = "", withInvalidLabels } = request;
    return { status: problem === "" ? 204 : 400, problem, counts: ingest.counts, withInvalidLabels };
  }
}

interface ReadRequest {
  readonly result: WriteResult;
  /** Transaction of the request; undefined if there is no data to store. */
  readonly appender?: Appender;
}

const NOTHING: WrittenCounts = { samples: 0, histograms: 0, exemplars: 0 };

const refused = (status: WriteResult["status"], problem: string): WriteResult => ({
  status,
  problem,
  withInvalidLabels: 0,
});
