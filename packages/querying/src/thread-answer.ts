import { QueryError } from "@narthex/promql";
import { gzipEnd, type GzipSum } from "./gzip-pieces.ts";
import { unpackResult } from "./packed-result.ts";
import type { Outcome } from "./query-runner.ts";
import type { QueryListener, QueryThread } from "./query-thread.ts";
import type { ThreadReport } from "./thread-messages.ts";

/** Takes what a thread says of one query: first the outcome, then the other pieces of its JSON as they are wanted. */
export class ThreadAnswer implements QueryListener {
  readonly outcome: Promise<Outcome>;
  readonly #id: number;
  readonly #thread: QueryThread;
  readonly #settled = Promise.withResolvers<Outcome>();
  /** Called when nothing more comes. */
  readonly #ended: () => void;
  readonly #pieces: Uint8Array[] = [];
  #last = false;
  /** Set where the bytes are gzip. */
  #sum: GzipSum | undefined;
  #failure: Error | undefined;
  #wake: (() => void) | undefined;

  constructor(id: number, thread: QueryThread, ended: () => void) {
    this.#id = id;
    this.#thread = thread;
    this.#ended = ended;
    this.outcome = this.#settled.promise;
  }

  cancel(): void {
    this.#thread.tell({ kind: "cancel", id: this.#id });
  }

  report(report: Parameters<QueryListener["report"]>[0]): void {
    switch (report.kind) {
      case "answer":
        this.#sum = report.sum;
        this.#settled.resolve({
          json: {
            ...report.facts,
            first: report.bytes,
            rest: report.last ? undefined : this.#rest(),
            gzip: report.sum !== undefined,
            end: (tail) => (this.#sum === undefined ? Buffer.from(tail) : gzipEnd(Buffer.from(tail), this.#sum)),
          },
        });
        if (report.last) this.#ended();
        return;
      case "columns":
        this.#settled.resolve({ result: unpackResult(report.result) });
        this.#ended();
        return;
      case "piece":
        this.#pieces.push(report.bytes);
        this.#sum = report.sum;
        if (report.last) {
          this.#last = true;
          this.#ended();
        }
        this.#wake?.();
        return;
      case "failed":
        this.lost(failureOf(report));
    }
  }

  lost(reason: Error): void {
    this.#failure = reason;
    this.#settled.reject(reason);
    this.#ended();
    this.#wake?.();
  }

  async *#rest(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        const piece = this.#pieces.shift();
        if (piece !== undefined) {
          this.#thread.tell({ kind: "more", id: this.#id });
          yield piece;
        } else if (this.#failure !== undefined) throw this.#failure;
        else if (this.#last) return;
        else await this.#news();
      }
    } finally {
      if (!this.#last) this.cancel();
    }
  }

  #news(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}

/** A mistake of the query as what it is, a bug as a bug. */
export function failureOf({ errorKind, message, stats }: Extract<ThreadReport, { kind: "failed" }>): Error {
  if (errorKind !== undefined) return Object.assign(new QueryError(errorKind, message), { stats });
  const failure = new Error(message.split("\n", 1)[0]);
  failure.stack = message;
  return failure;
}
