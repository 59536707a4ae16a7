import { WireError, WireReader } from "@narthex/bytes";
import type { OtlpConfig } from "@narthex/config";
import { invariant, type Clock, Mutex, runInTimeSlices } from "@narthex/runtime";
import type { Appendable, Appender } from "@narthex/storage";
import { createIngestBuffer, Ingest, IngestError } from "../receiver/ingest.ts";
import { MAX_AHEAD_MS } from "../receiver/write-receiver.ts";
import { checkSteps } from "./message/check-message.ts";
import { DeltaToCumulative } from "./points/delta-to-cumulative.ts";
import { jsonToProtobuf } from "./message/json-message.ts";
import { JsonError } from "./message/json-reader.ts";
import { type OtlpCompression, type OtlpFormat, unpackOtlp } from "./message/otlp-body.ts";
import { EXPORT_REQUEST } from "./message/otlp-messages.ts";
import { OtlpRequest } from "./otlp-request.ts";
import { PointReferences } from "./series/point-references.ts";
import type { WarningCategory } from "./points/point-reader.ts";
import { Translation } from "./translation/translation.ts";
import { MessageError } from "../message-error.ts";

export interface OtlpReceiverOptions {
  readonly appendable: Appendable;
  readonly clock: Clock;
  /** Returns the current configuration for translating OTLP metrics. */
  readonly config: () => OtlpConfig;
  /** Returns the out-of-order window in ms: how much older than the newest sample an appended sample may be. */
  readonly outOfOrderWindowMs: () => number;
  /** Lookback of queries: the age up to which a query uses a sample, ms. */
  readonly lookbackMs: number;
  /** Treatment of data points of delta temporality, which report the change since the previous point. */
  readonly deltas: "refuse" | "add up" | "store";
  /** True to store the type, help and unit of metrics. */
  readonly withMetadata: boolean;
  /** Whether series get the labels `__type__` and `__unit__`, with the type and the unit of their metric. */
  readonly typeAndUnitLabels: boolean;
  /**
   * Maximum memory in bytes for the labels of series without stored samples. The default is 64 MiB plus 1 KiB for each
   * stored series.
   */
  readonly maxSpareBytes?: number;
}

export interface OtlpResult {
  /**
   * HTTP status of the response. 400 for errors of the sender, 413 for a message that is too large, 500 for errors of
   * this server and for inconsistent histograms.
   */
  readonly status: 200 | 400 | 413 | 500;
  /** The error text of the response; empty for status 200. */
  readonly problem: string;
  /** One error text for each OTLP metric that was not stored because it cannot be translated. */
  readonly leftOut: readonly string[];
  readonly warnings: ReadonlyMap<WarningCategory, number>;
  readonly lateExemplars: number;
}

/**
 * Stores metrics that are sent in OpenTelemetry's protocol OTLP. Each request is one transaction. Requests are read one
 * after the other, with pauses for other work.
 */
export class OtlpReceiver {
  readonly #options: OtlpReceiverOptions;
  readonly #mutex = new Mutex();
  readonly #buffer = createIngestBuffer();
  readonly #references: PointReferences;
  readonly #deltas: DeltaToCumulative | undefined;
  #translation: Translation | undefined;

  constructor(options: OtlpReceiverOptions) {
    this.#options = options;
    this.#references = new PointReferences(options.clock, options.maxSpareBytes);
    this.#deltas = options.deltas === "add up" ? new DeltaToCumulative(options.clock) : undefined;
  }

  async receive(format: OtlpFormat, compression: OtlpCompression, body: Uint8Array): Promise<OtlpResult> {
    const { result, appender } = await this.#mutex.runExclusive(() => this.#read(format, compression, body));
    if (appender === undefined) return result;
    try {
      await appender.commit();
      return result;
    } catch (error) {
      return refused(500, error instanceof Error ? error.message : String(error));
    }
  }

  /**
   * Reads an OTLP request into a transaction, which the caller commits. Rolls the transaction back if the request has
   * no data to store.
   */
  async #read(format: OtlpFormat, compression: OtlpCompression, body: Uint8Array): Promise<ReadRequest> {
    try {
      const bytes = await unpackOtlp(body, compression);
      if (format === "protobuf") return await this.#readMessage(bytes);
      return await this.#readMessage(await runInTimeSlices(this.#options.clock, jsonToProtobuf(bytes)));
    } catch (error) {
      if (error instanceof JsonError) return { result: refused(400, error.message) };
      if (!(error instanceof MessageError)) throw error;
      return { result: refused(error.status, error.message) };
    }
  }

  async #readMessage(message: Uint8Array): Promise<ReadRequest> {
    const { appendable, clock } = this.#options;
    const maxTimestamp = clock.now() + MAX_AHEAD_MS;
    const appender = appendable.appender({ maxTimestamp, ordersByCommitted: true });
    let [isRead, isKept] = [false, false];
    try {
      const result = await this.#ingest(message, appender, maxTimestamp);
      isRead = true;
      isKept = result.status === 200;
      return isKept ? { result, appender } : { result };
    } catch (error) {
      if (error instanceof WireError)
        return { result: refused(400, (await messageProblem(clock, message)) ?? error.goMessage) };
      if (error instanceof IngestError) return { result: refused(500, error.message) };
      throw error;
    } finally {
      if (!isKept) appender.rollback();
      // Keeps the changed sums of delta points even if the storage refused a value, as in Prometheus. A request that
      // was not read to its end does not change the sums.
      if (isRead) this.#deltas?.keep();
      else if (this.#deltas !== undefined) await runInTimeSlices(clock, this.#deltas.takeBack());
    }
  }

  async #ingest(message: Uint8Array, appender: Appender, maxTimestamp: number): Promise<OtlpResult> {
    const { clock, outOfOrderWindowMs, withMetadata, deltas, lookbackMs } = this.#options;
    const translation = this.#begin();
    const references = this.#references;
    const request = new OtlpRequest(message, {
      references,
      translation,
      deltas: this.#deltas,
      nativeDeltas: deltas === "store",
      lookbackMs,
    });
    const { writer } = request;
    const ingest = new Ingest(this.#buffer, {
      appender,
      references,
      maxTimestamp,
      outOfOrderWindowMs: outOfOrderWindowMs(),
      withMetadata,
      labelsAt(index) {
        const read = writer.labelsAt(index);
        invariant(read.ok, "a series that was stored before has sound labels");
        return read.labels;
      },
      refuse: (problem, _, outcome) => writer.refuse(problem, outcome),
    });
    await runInTimeSlices(clock, request.steps(ingest));
    const { leftOut, warnings } = request;
    const { problem = "", lateExemplars } = writer;
    if (problem === "") return { status: 200, problem, leftOut, warnings, lateExemplars };
    // Checks the rest of the OTLP message, because Prometheus decodes the whole message first. A decode error therefore
    // takes precedence over an invalid value.
    const broken = await messageProblem(clock, message);
    if (broken !== undefined) throw new MessageError(400, broken);
    return refused(writer.isInvalidHistogram ? 500 : 400, problem);
  }

  /**
   * Returns the translation of OTLP metrics for the next request. After a configuration change, this is a new
   * translation without known series.
   */
  #begin(): Translation {
    const config = this.#options.config();
    const { typeAndUnitLabels, withMetadata } = this.#options;
    this.#deltas?.begin();
    const isForgotten = this.#references.begin(this.#translation?.spareBytes ?? 0);
    if (this.#translation !== undefined && this.#translation.config === config && !isForgotten)
      return this.#translation;
    this.#references.clear();
    const translation = new Translation(config, { typeAndUnitLabels, withHelp: withMetadata });
    this.#references.onStored = (family) => translation.noteStored(family);
    return (this.#translation = translation);
  }
}

interface ReadRequest {
  readonly result: OtlpResult;
  /** Transaction with the data of the OTLP request; undefined if there is no data to store. */
  readonly appender?: Appender;
}

/** Nesting depth of data points in an OTLP message. */
const POINT_DEPTH = 4;

/** Returns Go's error text for an invalid OTLP message; undefined for a valid message. */
async function messageProblem(clock: Clock, message: Uint8Array): Promise<string | undefined> {
  try {
    await runInTimeSlices(clock, checkSteps(new WireReader(message), EXPORT_REQUEST, POINT_DEPTH));
    return undefined;
  } catch (error) {
    if (error instanceof WireError) return error.goMessage;
    throw error;
  }
}

const refused = (status: OtlpResult["status"], problem: string): OtlpResult => ({
  status,
  problem,
  leftOut: [],
  warnings: new Map(),
  lateExemplars: 0,
});
