import type { MessagePort } from "node:worker_threads";
import type { ReadOutcome, RemoteAnswerHead, RemoteRead, RemoteReader, RemoteSelection } from "./remote-reader.ts";
import { messageOf } from "../../errors/error-message.ts";

/**
 * Data with which a query thread sends requests to other servers. The requests go through a port to the main thread.
 * The port must be transferred to the query thread.
 */
export interface RemoteReaderHandles {
  readonly port: MessagePort;
  /** Shared memory with one number: the number of configured servers. */
  readonly endpoints: SharedArrayBuffer;
}

/**
 * A message from a query thread. `next` asks for the next piece of a response, and `leave` ends the reading of all
 * responses to a request.
 */
type Request =
  | { readonly kind: "read"; readonly id: number; readonly selection: RemoteSelection }
  | { readonly kind: "concerns"; readonly id: number; readonly minTime: number; readonly maxTime: number }
  | { readonly kind: "next"; readonly id: number; readonly of: number; readonly index: number }
  | { readonly kind: "leave"; readonly of: number; readonly outcome?: ReadOutcome | undefined };

/** A reply to the request with the same id. */
type Reply =
  | { readonly id: number; readonly answers: readonly RemoteAnswerHead[]; readonly problems: readonly string[] }
  | { readonly id: number; readonly concerns: boolean }
  | { readonly id: number; readonly piece: Uint8Array<ArrayBuffer> | undefined }
  | { readonly id: number; readonly problem: string };

/**
 * Serves requests of a query thread on the main thread, which sends them to the other servers. Ends when the port is
 * closed.
 */
export function serveRemoteReads(port: MessagePort, reader: RemoteReader): void {
  const running = new Map<number, ServedRead>();
  port.on("message", (request: Request) => {
    if (request.kind === "leave") {
      running.get(request.of)?.leave(request.outcome);
      running.delete(request.of);
      return;
    }
    void replyTo(request).then(
      (reply) => port.postMessage(reply, "piece" in reply && reply.piece !== undefined ? [reply.piece.buffer] : []),
      (error: unknown) => port.postMessage({ id: request.id, problem: messageOf(error) } satisfies Reply),
    );
  });
  port.on("close", () => {
    for (const read of running.values()) read.leave();
    running.clear();
  });
  port.unref();
  async function replyTo(request: Exclude<Request, { kind: "leave" }>): Promise<Reply> {
    const { id } = request;
    if (request.kind === "concerns") {
      return { id, concerns: await reader.concerns(request.minTime, request.maxTime) };
    }
    if (request.kind === "next") return { id, piece: await running.get(request.of)?.next(request.index) };
    const read = new ServedRead();
    running.set(id, read);
    return { id, ...(await read.open(reader, request.selection)) };
  }
}

/** A request of a query thread whose responses are being read. */
class ServedRead {
  readonly #left = new AbortController();
  #read: RemoteRead | undefined;
  #bodies: readonly AsyncIterator<Uint8Array>[] = [];

  async open(
    reader: RemoteReader,
    selection: RemoteSelection,
  ): Promise<{ readonly answers: readonly RemoteAnswerHead[]; readonly problems: readonly string[] }> {
    const read = (this.#read = await reader.read(selection, this.#left.signal));
    this.#bodies = read.answers.map(({ body }) => body[Symbol.asyncIterator]());
    if (this.#left.signal.aborted) read.close();
    const { problems } = read;
    return {
      answers: read.answers.map(({ form, added, maxFrameBytes, server }) => ({ form, added, maxFrameBytes, server })),
      problems,
    };
  }

  /**
   * Returns the next piece of a response in its own buffer, which can be transferred. Posting a view would copy the
   * whole buffer behind it.
   */
  async next(index: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const { done, value } = await this.#bodies[index]!.next();
    return done === true ? undefined : new Uint8Array(value);
  }

  leave(outcome?: ReadOutcome): void {
    this.#left.abort();
    this.#read?.close(outcome);
  }
}

const NOTHING = { answers: [], problems: [] };

/** Reads data of other servers on a query thread, through a port to the main thread. */
export class PortReader implements RemoteReader {
  readonly #port: MessagePort;
  readonly #endpoints: Int32Array;
  readonly #waiting = new Map<number, PromiseWithResolvers<Reply>>();
  #lastId = 0;

  constructor({ port, endpoints }: RemoteReaderHandles) {
    this.#port = port;
    this.#endpoints = new Int32Array(endpoints);
    port.on("message", (reply: Reply) => {
      const waiting = this.#waiting.get(reply.id);
      this.#waiting.delete(reply.id);
      if ("problem" in reply) waiting?.reject(new Error(reply.problem));
      else waiting?.resolve(reply);
    });
  }

  get endpoints(): number {
    return Atomics.load(this.#endpoints, 0);
  }

  async concerns(minTime: number, maxTime: number): Promise<boolean> {
    const reply = await this.#send({ kind: "concerns", id: ++this.#lastId, minTime, maxTime });
    return "concerns" in reply && reply.concerns;
  }

  async read(selection: RemoteSelection, signal: AbortSignal | undefined): Promise<RemoteRead> {
    signal?.throwIfAborted();
    const id = ++this.#lastId;
    const pending = new Set<number>();
    const close = (outcome?: ReadOutcome): void => {
      signal?.removeEventListener("abort", leave);
      this.#port.postMessage({ kind: "leave", of: id, outcome } satisfies Request);
    };
    const leave = (): void => {
      close();
      // Rejects the waiting callers immediately. Later replies are ignored.
      for (const waiting of pending) this.#waiting.get(waiting)?.reject(signal?.reason);
    };
    signal?.addEventListener("abort", leave, { once: true });
    const send = async (request: Request & { readonly id: number }): Promise<Reply> => {
      pending.add(request.id);
      try {
        return await this.#send(request);
      } finally {
        pending.delete(request.id);
      }
    };
    const next = (index: number): Promise<Reply> => send({ kind: "next", id: ++this.#lastId, of: id, index });
    try {
      const reply = await send({ kind: "read", id, selection });
      const { answers, problems } = "answers" in reply ? reply : NOTHING;
      return {
        answers: answers.map((head, index) => ({ ...head, body: piecesOf(() => next(index)) })),
        problems,
        close,
      };
    } catch (error) {
      close();
      throw error;
    }
  }

  #send(request: Request & { readonly id: number }): Promise<Reply> {
    const waiting = Promise.withResolvers<Reply>();
    this.#waiting.set(request.id, waiting);
    this.#port.postMessage(request);
    return waiting.promise;
  }
}

async function* piecesOf(next: () => Promise<Reply>): AsyncGenerator<Uint8Array> {
  for (;;) {
    const reply = await next();
    if (!("piece" in reply) || reply.piece === undefined) return;
    yield reply.piece;
  }
}
