import type { Engine, ParserOptions, QueryResult } from "@narthex/promql";
import type { Clock } from "@narthex/runtime";
import type { Queryable } from "@narthex/storage";
import { laneEngine, type LaneLimits, runQueued } from "./lane-engine.ts";
import { nextTurn } from "./next-turn.ts";
import { type AnswerPiece, writeQueryAnswer } from "./query-json.ts";
import type { JsonAnswer, QueryOrder } from "./query-lane.ts";
import type { Allowance, AnswerForm, Outcome, QueryRunner } from "./query-runner.ts";
import { readExpression, type ReadingForm } from "./reading.ts";

/** Runs queries on the thread it is on, between its other work. */
export class InPlaceRunner implements QueryRunner {
  readonly #engine: Engine;
  readonly #parserOptions: ParserOptions;
  readonly #storage: Queryable;
  readonly #evaluationIntervalMs: () => number;

  constructor(storage: Queryable, limits: LaneLimits, evaluationIntervalMs: () => number, clock: Clock) {
    this.#engine = laneEngine(limits, clock);
    this.#parserOptions = limits.features;
    this.#storage = storage;
    this.#evaluationIntervalMs = evaluationIntervalMs;
  }

  async run(order: QueryOrder, form: AnswerForm, { timeoutMs, queuedMs }: Allowance): Promise<Outcome> {
    const request = {
      ...order,
      timeoutMs,
      subqueryStepMs: this.#evaluationIntervalMs(),
      queryable: this.#storage,
    };
    const result = await runQueued(this.#engine, request, queuedMs);
    return form === "columns" ? { result } : { json: jsonOf(result, form === "json with stats") };
  }

  read(text: string, form: ReadingForm): Promise<string> {
    return new Promise((resolve) => resolve(readExpression(text, form, this.#parserOptions)));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

function jsonOf(result: QueryResult, withStats: boolean): JsonAnswer {
  const { stats, warnings, infos } = result;
  const pieces = writeQueryAnswer(result, withStats);
  const { bytes, last } = pieces.next().value as AnswerPiece;
  return {
    stats,
    warnings,
    infos,
    first: bytes,
    rest: last ? undefined : inTurns(pieces),
    gzip: false,
    end: (tail) => Buffer.from(tail),
  };
}

async function* inTurns(pieces: Iterable<AnswerPiece>): AsyncGenerator<Uint8Array> {
  for (const { bytes } of pieces) {
    yield bytes;
    await nextTurn();
  }
}
