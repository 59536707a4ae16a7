import {
  type FrameAnswer,
  PANEL_ANSWERS_MEDIA_TYPE,
  PANEL_QUESTIONS_MEDIA_TYPE,
  type PanelAnswer,
  PanelAnswerReader,
  type PanelQuery,
  readFrames,
  type ResolvedTimeRange,
} from "@narthex/dashboards";
import { rootPath } from "../../api/root-path.ts";
import { ApiError, send } from "../../api/request.ts";
import { queryJson } from "./query-client.ts";
import { whileSignedIn } from "./while-signed-in.ts";

/** The answers of a panel's queries by refId. */
export type PanelAnswers = ReadonlyMap<string, FrameAnswer>;

/**
 * Maximum number of requests that run at the same time. A browser opens six connections to one host, so two stay free
 * for other requests.
 */
const MAX_AT_ONCE = 4;
/** Maximum number of panels in one request. */
const MAX_PANELS = 200;

/**
 * The server's tag (like an ETag) for each response. The next request contains it, so that the server need not repeat
 * unchanged data.
 */
const tags = new WeakMap<PanelAnswers, string>();

interface QueuedQueries {
  readonly queries: readonly PanelQuery[];
  readonly range: ResolvedTimeRange;
  readonly known: PanelAnswers | undefined;
  readonly signal: AbortSignal;
  readonly resolve: (answers: PanelAnswers) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Sends the queries of panels to the server. Queries that are sent in the same turn of the event loop share one
 * request. Each panel receives its answer as soon as it arrives.
 */
export class PanelQueryBatcher {
  #waiting: QueuedQueries[] = [];
  #running = 0;
  #isScheduled = false;

  /**
   * Sends queries for a time range and returns their results. Returns the object `known` itself if the server reports
   * no change. Rejects with ApiError, or if the signal aborts.
   */
  readonly send = (
    queries: readonly PanelQuery[],
    range: ResolvedTimeRange,
    signal: AbortSignal,
    known?: PanelAnswers,
  ): Promise<PanelAnswers> =>
    new Promise((resolve, reject) => {
      signal.throwIfAborted();
      this.#waiting.push({ queries, range, known, signal, resolve, reject });
      this.#schedule();
    });

  #schedule(): void {
    if (this.#isScheduled || this.#running >= MAX_AT_ONCE) return;
    this.#isScheduled = true;
    queueMicrotask(() => {
      this.#isScheduled = false;
      this.#flush();
    });
  }

  #flush(): void {
    const wanted = this.#waiting.filter(({ signal, reject }) => {
      if (signal.aborted) reject(signal.reason);
      return !signal.aborted;
    });
    this.#waiting = wanted.splice(MAX_PANELS);
    if (wanted.length === 0) return;
    this.#running++;
    void sendBatch(wanted).finally(() => {
      this.#running--;
      if (this.#waiting.length > 0) this.#schedule();
    });
    if (this.#waiting.length > 0) this.#schedule();
  }
}

/**
 * Sends one request for several panels, and aborts it when no panel waits any more. Never rejects; errors reject the
 * promises of the waiting panels.
 */
async function sendBatch(batch: readonly QueuedQueries[]): Promise<void> {
  const control = new AbortController();
  const open = new Set(batch);
  for (const queued of batch)
    queued.signal.addEventListener("abort", () => {
      queued.reject(queued.signal.reason);
      if (open.delete(queued) && open.size === 0) control.abort();
    });
  try {
    await exchange(batch, control.signal, (answer) => {
      const queued = batch[answer.at];
      // The request stays open after the last answer, so that the browser can reuse the connection.
      if (queued !== undefined && open.delete(queued)) settle(queued, answer);
    });
    throw new ApiError("network", 0, "The server's response ended early.");
  } catch (error) {
    for (const { reject } of open) reject(error);
  }
}

/** Sends the queries in one request, and calls `take` with each answer when it arrives. */
async function exchange(
  batch: readonly QueuedQueries[],
  signal: AbortSignal,
  take: (answer: PanelAnswer) => void,
): Promise<void> {
  const response = await whileSignedIn(
    send(`${rootPath}/api/narthex/panels/query`, {
      method: "POST",
      body: { type: PANEL_QUESTIONS_MEDIA_TYPE, text: requestText(batch) },
      signal,
      accept: PANEL_ANSWERS_MEDIA_TYPE,
    }),
  );
  if (response.body === null || response.headers.get("content-type") !== PANEL_ANSWERS_MEDIA_TYPE)
    throw new ApiError("http", response.status, "The server's response contains no results of panels.");
  const stream = response.body.getReader();
  const reader = new PanelAnswerReader();
  for (;;) {
    const { done, value } = await stream.read();
    if (done) return;
    for (const answer of reader.read(value)) take(answer);
  }
}

/**
 * Returns the request body. Its first line contains the times and tags of all panels. Each further line contains the
 * queries of one panel, which are the same text at each refresh.
 */
const requestText = (batch: readonly QueuedQueries[]): string =>
  [
    {
      panels: batch.map(({ range, known }) => ({
        from: String(range.from),
        to: String(range.to),
        has: known === undefined ? undefined : tags.get(known),
      })),
    },
    ...batch.map(({ queries }) => queryJson(queries)),
  ]
    .map((line) => JSON.stringify(line))
    .join("\n");

function settle({ known, resolve, reject }: QueuedQueries, { form, status, tag, body }: PanelAnswer): void {
  if (form === "unchanged" && known !== undefined) return resolve(known);
  if (form === "sentence") return reject(new ApiError("http", status, new TextDecoder().decode(body)));
  try {
    const answers = readFrames(body);
    if (tag !== "") tags.set(answers, tag);
    resolve(answers);
  } catch {
    reject(new ApiError("http", status, "The server's response contains no frames."));
  }
}
