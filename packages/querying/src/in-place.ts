import type { Engine, QueryResult } from "@narthex/promql";
import type { Clock } from "@narthex/runtime";
import type { Queryable } from "@narthex/storage";
import { laneEngine, type LaneLimits, withQueueTime } from "./lane-engine.ts";
import { gatherPiece } from "./pieces.ts";
import { writeQueryAnswer } from "./query-json.ts";
import type { JsonAnswer, QueryOrder } from "./query-lane.ts";
import type { Allowance, AnswerForm, Outcome, QueryRunner } from "./query-runner.ts";

/** Runs queries on the thread it is on, between its other work. */
export class InPlaceRunner implements QueryRunner {
  readonly #engine: Engine;
  readonly #storage: Queryable;
  readonly #evaluationIntervalMs: () => number;

  constructor(storage: Queryable, limits: LaneLimits, evaluationIntervalMs: () => number, clock: Clock) {
    this.#engine = laneEngine(limits, clock);
    this.#storage = storage;
    this.#evaluationIntervalMs = evaluationIntervalMs;
  }

  async run(order: QueryOrder, form: AnswerForm, { timeoutMs, queuedMs }: Allowance): Promise<Outcome> {
    const found = await this.#engine.query({
      ...order,
      timeoutMs,
      subqueryStepMs: this.#evaluationIntervalMs(),
      queryable: this.#storage,
    });
    const result = withQueueTime(found, queuedMs);
    return form === "columns" ? { result } : { json: jsonOf(result, form === "json with stats") };
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

function jsonOf(result: QueryResult, withStats: boolean): JsonAnswer {
  const { stats, warnings, infos } = result;
  const parts = writeQueryAnswer(result, withStats);
  const { text, last } = gatherPiece(parts);
  return { stats, warnings, infos, first: Buffer.from(text), rest: last ? undefined : piecesOf(parts) };
}

async function* piecesOf(parts: Iterator<string, unknown>): AsyncGenerator<Uint8Array> {
  for (;;) {
    const { text, last } = gatherPiece(parts);
    yield Buffer.from(text);
    if (last) return;
  }
}
