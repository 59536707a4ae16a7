import type { DataLink, Frame } from "@narthex/dashboards";
import { type Clock, runInTimeSlices, type Steps } from "@narthex/runtime";
import { abortableSteps } from "../abortable-steps.ts";
import { SourceRequests } from "../cache/source-requests.ts";
import type { DataQuery, DataSourceSettings, Health } from "../data-source.ts";
import type { DataSourceEnvironment } from "../environment.ts";
import { flagAt, objectAt } from "../json-values.ts";
import { requestTimeoutMs } from "../outgoing/http-settings.ts";
import { SourceClient } from "../outgoing/source-client.ts";
import type { ApiCall } from "../prometheus/prometheus-api.ts";
import { QueryFailure } from "../query-failure.ts";
import { type SpanBar, spanBarOf } from "./span-bar.ts";
import { spanGraph } from "./span-graph.ts";
import { spanLinksOf } from "./span-links.ts";
import type { Span } from "./span.ts";
import { shiftedRange, type TimeShift, timeShiftOf } from "./time-shift.ts";
import { traceFrame, type TraceSettings } from "./trace-frame.ts";
import { TraceServer } from "./trace-server.ts";

/** The sender of a request, and the signal that is aborted when it disconnects. */
export interface TraceSender {
  readonly user: string;
  readonly signal: AbortSignal;
}

/** The parts that all sources of traces share: requests in slots, work in slices, and the frames of a trace. */
export class TraceWork {
  readonly server: TraceServer;
  /** The source, to which the ids of traces lead. */
  readonly source: { readonly uid: string; readonly name: string };
  readonly #clock: Clock;
  readonly #requests: SourceRequests;
  readonly #hasGraph: boolean;
  readonly #shift: TimeShift | undefined;
  readonly #links: readonly DataLink[];
  readonly #bar: SpanBar | undefined;

  /** Throws QueryFailure if the URL or a duration in the settings is invalid. */
  constructor(settings: DataSourceSettings, environment: DataSourceEnvironment) {
    const { jsonData, uid, name } = settings;
    this.source = { uid, name };
    this.#clock = environment.clock;
    this.#requests = new SourceRequests(environment.desk, uid);
    this.#hasGraph = flagAt(objectAt(jsonData, "nodeGraph") ?? {}, "enabled") === true;
    this.#shift = timeShiftOf(objectAt(jsonData, "traceQuery") ?? {});
    this.#links = spanLinksOf(jsonData);
    this.#bar = spanBarOf(jsonData);
    const timeoutMs = requestTimeoutMs(settings, undefined, environment.timeoutMs);
    this.server = new TraceServer(new SourceClient(settings, environment), environment.clock, timeoutMs);
  }

  /** Sends a request. If the same request is running, waits for its answer instead. */
  send<T>(key: readonly unknown[], { user, signal }: TraceSender, send: (call: ApiCall) => Promise<T>): Promise<T> {
    return this.#requests.send(JSON.stringify(key), { user, signal }, send);
  }

  async inSlices<T>(steps: Steps<T>, signal: AbortSignal): Promise<T> {
    return await runInTimeSlices(this.#clock, abortableSteps(steps, signal));
  }

  /** Returns the range in which a trace is searched. Undefined if the settings search it at all times. */
  rangeOfTrace({ range }: DataQuery): DataQuery["range"] | undefined {
    return this.#shift && shiftedRange(range, this.#shift);
  }

  /** Returns the frame of a trace, and its node graph if the settings ask for one. */
  async traceFrames(
    read: Steps<readonly Span[]>,
    settings: Omit<TraceSettings, "links" | "bar">,
    signal: AbortSignal,
  ): Promise<readonly Frame[]> {
    const spans = await this.inSlices(read, signal);
    if (spans.length === 0) throw new QueryFailure(404, "the data source has no spans of the trace");
    const frame = await this.inSlices(traceFrame(spans, { ...settings, links: this.#links, bar: this.#bar }), signal);
    if (!this.#hasGraph) return [frame];
    return [frame, ...(await this.inSlices(spanGraph(spans, settings.refId, settings.cells), signal))];
  }

  /** Returns whether a check of the server succeeds, with the reason of a failure. */
  async health(product: string, check: () => Promise<boolean>): Promise<Health> {
    try {
      if (await check()) return { status: "OK", message: "Data source successfully connected." };
      return { status: "ERROR", message: `The data source answers, but not as ${product} does; check its URL.` };
    } catch (error) {
      if (!(error instanceof QueryFailure)) throw error;
      return { status: "ERROR", message: `Unable to connect with ${product}: ${error.message}` };
    }
  }
}
