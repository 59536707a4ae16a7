import { Readable } from "node:stream";
import {
  FRAMES_MEDIA_TYPE,
  PANEL_ANSWERS_MEDIA_TYPE,
  PANEL_QUESTIONS_MEDIA_TYPE,
  type PanelAnswer,
  panelAnswerHead,
  writePanelAnswer,
} from "@narthex/dashboards";
import { type DataQuery, requestBudgets, type RequestContext, SharedAnswers } from "@narthex/datasources";
import { wholeBody } from "@narthex/http";
import type { Clock } from "@narthex/runtime";
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteShorthandOptions } from "fastify";
import { badRequest, parsedJson, Refusal, refusal } from "../web/refusal.ts";
import { type Body, isObject } from "../web/request-body.ts";
import { joinedParts, piecesOf } from "./answer-body.ts";
import type { QueryRunner, WrittenAnswer } from "./query-runner.ts";
import type { FaultLog } from "./fault-log.ts";
import { endIfStalled } from "./stalled-clients.ts";
import { queriesOver, rangeOf, type SentQuery, sentQueries } from "./query-request.ts";

/** Maximum number of panels in a request, and maximum number of queries of all its panels. */
const [MAX_PANELS, MAX_PAGE_QUERIES] = [500, 5000];
/**
 * Maximum total size of the answers to one request, in bytes. The answers stay in memory until the client has received
 * them.
 */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;
/** Limits for the cache of parsed panel queries: total size of the cached texts in bytes, and lifetime in ms. */
const KEPT_BYTES = 8 * 1024 * 1024;
const KEPT_MS = 600_000;
/**
 * Limits of the cache of response bodies: minimum size of a cached body, total size in bytes, and lifetime in ms.
 * Building a body below the minimum is as fast as a cache lookup.
 */
const [MIN_BODY_BYTES, KEPT_BODY_BYTES, KEPT_BODY_MS] = [16 * 1024, 8 * 1024 * 1024, 30_000];
/** Length in bytes from which a whole response is sent in pieces. */
const LARGE_BODY_BYTES = 1024 * 1024;

interface PanelQueryContext {
  readonly clock: Clock;
  readonly faults: FaultLog;
  /** Returns the context in which the queries of a request's sender run. */
  readonly senderOf: (request: FastifyRequest) => RequestContext;
  /** Throws a refusal if the request cannot be answered for this sender. */
  readonly check: (queries: readonly DataQuery[], sender: RequestContext) => void;
  readonly queries: QueryRunner;
}

/**
 * The part of a request for one panel: time range, tag of the answer that the client already has, and text of the
 * queries.
 */
interface PanelQuestion {
  readonly range: Body;
  readonly has: string;
  readonly text: string;
}

/**
 * Adds the route `POST /api/narthex/panels/query`, with which a page queries all its panels at once. The first line of
 * the body is `{panels: [{from, to, has}]}`. Then there is one line for each panel: the list of its queries as in
 * `/api/ds/query`. These lines are the same at each refresh and for every viewer, so they are parsed only once. Answers
 * are sent as soon as they are ready, so a slow panel does not delay the others.
 */
export function queryPanelsRoute(
  app: FastifyInstance,
  options: RouteShorthandOptions,
  context: PanelQueryContext,
): void {
  const read = new SharedAnswers<readonly SentQuery[]>(context.clock, KEPT_BYTES);
  const queriesIn = (text: string): readonly SentQuery[] => {
    let queries = read.get(text);
    if (queries === undefined) {
      queries = sentQueries(parsedJson(text));
      read.keep(text, queries, 6 * text.length, KEPT_MS);
    }
    return queries;
  };
  const bodies = new PageBodies(context.clock);
  app.addContentTypeParser(PANEL_QUESTIONS_MEDIA_TYPE, wholeBody(String));
  app.post("/api/narthex/panels/query", options, (request, reply) => {
    const requests = questionsOf(request);
    const closed = new AbortController();
    reply.raw.once("close", () => closed.abort(new Error("the client is gone")));
    const sender = context.senderOf(request);
    const now = context.clock.now();
    const page = new PageAllowance();
    const budgets = requestBudgets();
    const answerOf = ({ range, text }: PanelQuestion): WrittenAnswer | Promise<WrittenAnswer> => {
      const sent = queriesIn(text);
      page.takeQueries(sent.length);
      const queries = queriesOver(sent, rangeOf(range, now), now, budgets);
      context.check(queries, sender);
      return context.queries.answer(queries, FRAMES_MEDIA_TYPE, closed.signal, sender);
    };
    const failed = (at: number, error: unknown): PanelAnswer => {
      if (!(error instanceof Refusal) && !closed.signal.aborted) context.faults.log(error);
      return sentenceOf(at, error);
    };
    const written = (at: number, answer: WrittenAnswer): readonly Uint8Array[] => {
      const { status, tag, body } = answer;
      const isKnown = tag === requests[at]!.has && tag !== "";
      const length = isKnown ? 0 : body.length!;
      page.takeBytes(length);
      const head = panelAnswerHead({ at, form: isKnown ? "unchanged" : "frames", status, tag }, length);
      return isKnown ? [head] : [head, ...body.parts()];
    };
    const ready: Uint8Array[] = [];
    // Cache key of the response body; undefined if an answer must not be shared with other requests.
    let key: string | undefined = "of";
    const awaited: Promise<readonly Uint8Array[]>[] = [];
    for (const [at, panel] of requests.entries()) {
      try {
        const answer = answerOf(panel);
        if (answer instanceof Promise) {
          const sent = answer.then((one) => written(at, one));
          awaited.push(sent.catch((error: unknown) => writePanelAnswer(failed(at, error))));
          key = undefined;
        } else {
          for (const item of written(at, answer)) ready.push(item);
          key &&= `${key} ${answer.tag} ${answer.tag === panel.has}`;
        }
      } catch (error) {
        key = undefined;
        for (const item of writePanelAnswer(failed(at, error))) ready.push(item);
      }
    }
    void reply.type(PANEL_ANSWERS_MEDIA_TYPE);
    endIfStalled(reply, context.clock);
    if (awaited.length > 0) return reply.send(Readable.from(asTheyCome(ready, awaited), { objectMode: false }));
    return sendWhole(reply, key === undefined ? Buffer.concat(ready) : bodies.of(key, ready));
  });
}

function sendWhole(reply: FastifyReply, body: Buffer): FastifyReply {
  if (body.length < LARGE_BODY_BYTES) return reply.send(body);
  return reply.header("content-length", body.length).send(Readable.from(piecesOf(body), { objectMode: false }));
}

/** Parses the body of a request. Throws Refusal if it is malformed. */
function questionsOf({ body }: FastifyRequest): readonly PanelQuestion[] {
  if (typeof body !== "string") throw badRequest();
  const [first = "", ...lines] = body.trimEnd().split("\n", MAX_PANELS + 2);
  const head = parsedJson(first);
  const panels = isObject(head) ? head["panels"] : undefined;
  if (Array.isArray(panels) && panels.length > MAX_PANELS) throw refusal(400, `more than ${MAX_PANELS} panels`);
  if (!Array.isArray(panels) || panels.length === 0 || panels.length !== lines.length)
    throw refusal(400, 'the first line must list "panels", and a line with the queries of each panel must follow');
  return panels.map((panel: unknown, at): PanelQuestion => {
    if (!isObject(panel)) throw badRequest();
    const has = panel["has"];
    return { range: panel, has: typeof has === "string" ? has : "", text: lines[at]! };
  });
}

function sentenceOf(at: number, error: unknown): PanelAnswer {
  const [status, text] = error instanceof Refusal ? [error.statusCode, error.message] : [500, "Internal server error"];
  return { at, form: "sentence", status, tag: "", body: new TextEncoder().encode(text) };
}

/**
 * Limits the number of queries and the total size of the answers of one request. A panel beyond a limit gets an error
 * message.
 */
class PageAllowance {
  #queries = MAX_PAGE_QUERIES;
  #bytes = MAX_ANSWER_BYTES;

  takeQueries(count: number): void {
    this.#queries -= count;
    if (this.#queries < 0) throw refusal(400, `the panels of one request have more than ${MAX_PAGE_QUERIES} queries`);
  }

  takeBytes(count: number): void {
    if (count > this.#bytes) throw refusal(413, `the answers to one request are longer than ${MAX_ANSWER_BYTES} bytes`);
    this.#bytes -= count;
  }
}

/** A cache of response bodies, so that the body for a page is built once for all its viewers. */
class PageBodies {
  readonly #kept: SharedAnswers<Buffer>;

  constructor(clock: Clock) {
    this.#kept = new SharedAnswers(clock, KEPT_BODY_BYTES);
  }

  /**
   * Returns the response body that consists of `parts`, from the cache if possible.
   * @param key identifies the answers in the parts
   */
  of(key: string, parts: readonly Uint8Array[]): Buffer {
    const known = this.#kept.get(key);
    if (known !== undefined) return known;
    const body = Buffer.concat(parts);
    if (body.length >= MIN_BODY_BYTES) this.#kept.keep(key, body, body.length, KEPT_BODY_MS);
    return body;
  }
}

/** Yields the answers that are already available, then the remaining answers in the order in which they complete. */
async function* asTheyCome(
  ready: readonly Uint8Array[],
  awaited: readonly Promise<readonly Uint8Array[]>[],
): AsyncGenerator<Uint8Array> {
  let left = awaited.length;
  let come: Uint8Array[] = [];
  let wake = (): void => undefined;
  for (const answer of awaited)
    void answer.then((parts) => {
      for (const item of parts) come.push(item);
      left--;
      wake();
    });
  for (const part of joinedParts(ready)) yield* piecesOf(part);
  for (;;) {
    if (come.length > 0) {
      const parts = come;
      come = [];
      for (const part of joinedParts(parts)) yield* piecesOf(part);
    } else if (left === 0) return;
    else await new Promise<void>((resolve) => (wake = resolve));
  }
}
