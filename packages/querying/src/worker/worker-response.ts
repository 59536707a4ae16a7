import { QueryError } from "@narthex/promql";
import { runStepByStep } from "@narthex/runtime";
import { gzipEnd, type GzipSum } from "../response/gzip-pieces.ts";
import type { JobResult } from "../scheduler/job-runner.ts";
import type { Charge } from "../evaluation/memory-account.ts";
import { unpackResult } from "./packed-result.ts";
import type { JobListener, QueryWorker } from "./query-worker.ts";
import type { JobMessage, WorkerMessage } from "./worker-messages.ts";

/** Number of most recently taken pieces that may not be completely sent yet. */
const PIECES_LEAVING = 2;

/**
 * The response of one job on a worker thread, as the main thread receives it: first the result, then pieces of the
 * response on request.
 */
export class WorkerResponse implements JobListener {
  readonly result: Promise<JobResult>;
  readonly #id: number;
  readonly #worker: QueryWorker;
  readonly #charge: Charge;
  readonly #settled = Promise.withResolvers<JobResult>();
  /** Callback after the last message of the job. */
  readonly #ended: () => void;
  readonly #pieces: Uint8Array[] = [];
  /** Sizes in bytes of the most recently taken pieces, which may not be completely sent yet. */
  readonly #leaving: number[] = [];
  /** Shared memory of pieces that are not sent yet. */
  readonly #lent = new Set<SharedArrayBuffer>();
  /** Shared memory of sent pieces, which must be returned to the thread. */
  #left: SharedArrayBuffer[] = [];
  /** Memory in bytes that was taken for this response. */
  #held = 0;
  #isReleased = false;
  #last = false;
  /** For a gzip response: checksum and length of the uncompressed text so far, for the gzip trailer. */
  #sum: GzipSum | undefined;
  #failure: Error | undefined;
  #wake: (() => void) | undefined;

  /** @param charge counts the bytes of responses that are not sent yet */
  constructor(id: number, worker: QueryWorker, charge: Charge, ended: () => void) {
    this.#id = id;
    this.#worker = worker;
    this.#charge = charge;
    this.#ended = ended;
    this.result = this.#settled.promise;
  }

  cancel(): void {
    this.#worker.send({ kind: "cancel", id: this.#id });
  }

  receive(message: JobMessage): void {
    switch (message.kind) {
      case "answer":
        this.#hold(message.bytes);
        this.#sum = message.sum;
        this.#settled.resolve({
          answer: {
            ...message.annotations,
            first: message.bytes,
            rest: message.last ? undefined : this.#rest(message.bytes.buffer.byteLength),
            gzip: message.sum !== undefined,
            end: (tail) => (this.#sum === undefined ? Buffer.from(tail) : gzipEnd(Buffer.from(tail), this.#sum)),
            reuse: ({ buffer }) => this.#reuse(buffer),
            release: () => this.#release(),
          },
        });
        if (message.last) this.#end();
        return;
      case "columns":
        this.#settled.resolve(runStepByStep(unpackResult(message.result)).then((result) => ({ result })));
        this.#end();
        return;
      case "piece":
        this.#hold(message.bytes);
        this.#pieces.push(message.bytes);
        this.#sum = message.sum;
        if (message.last) this.#end();
        this.#wake?.();
        return;
      case "failed":
        this.fail(errorOf(message));
    }
  }

  fail(reason: Error): void {
    if (!this.#last) this.#failure = reason;
    this.#settled.reject(reason);
    this.#end();
    this.#wake?.();
  }

  async *#rest(firstBytes: number): AsyncGenerator<Uint8Array> {
    this.#leaving.push(firstBytes);
    try {
      for (;;) {
        const piece = this.#pieces.shift();
        if (piece !== undefined) {
          const memory = this.#left;
          this.#left = [];
          this.#worker.send({ kind: "more", id: this.#id, memory });
          this.#leave(piece.buffer.byteLength);
          yield piece;
        } else if (this.#failure !== undefined) throw this.#failure;
        else if (this.#last) return;
        else await this.#news();
      }
    } finally {
      if (!this.#last) this.cancel();
    }
  }

  #end(): void {
    if (this.#last) return;
    this.#last = true;
    this.#ended();
  }

  #hold({ buffer }: Uint8Array): void {
    if (buffer instanceof SharedArrayBuffer) this.#lent.add(buffer);
    if (this.#isReleased) {
      this.#giveBack();
      return;
    }
    this.#charge.takeOver(buffer.byteLength);
    this.#held += buffer.byteLength;
  }

  /**
   * Records that a piece was taken. Earlier pieces, except the last few, then count as sent, and their memory is no
   * longer charged.
   */
  #leave(bytes: number): void {
    this.#leaving.push(bytes);
    if (this.#leaving.length <= PIECES_LEAVING || this.#isReleased) return;
    const gone = this.#leaving.shift()!;
    this.#charge.give(gone);
    this.#held -= gone;
  }

  #release(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    this.#charge.give(this.#held);
    this.#held = 0;
    this.#pieces.length = 0;
    this.#giveBack();
    if (!this.#last) this.cancel();
  }

  /** Records that a piece was sent. The thread may then overwrite the piece's memory. */
  #reuse(buffer: ArrayBufferLike): void {
    if (buffer instanceof SharedArrayBuffer && this.#lent.delete(buffer)) this.#left.push(buffer);
  }

  /** Returns all shared memory to the thread after all pieces were read. */
  #giveBack(): void {
    const memory = [...this.#left.splice(0), ...this.#lent];
    this.#lent.clear();
    if (memory.length > 0) this.#worker.send({ kind: "reuse", id: this.#id, memory });
  }

  #news(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}

/** Converts a failure message to a QueryError, or to an Error with a stack if the failure is a bug. */
export function errorOf({ errorKind, message, stats }: Extract<WorkerMessage, { kind: "failed" }>): Error {
  if (errorKind !== undefined) return Object.assign(new QueryError(errorKind, message), { stats });
  const failure = new Error(message.split("\n", 1)[0]);
  failure.stack = message;
  return failure;
}
