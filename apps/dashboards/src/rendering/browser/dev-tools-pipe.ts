import type { Readable, Writable } from "node:stream";
import { RenderError } from "../render-error.ts";

/** Maximum size of a message from the browser, bytes. A picture is one message. */
const MAX_MESSAGE = 48 * 1024 * 1024;
/** Byte that ends each message. */
const END = 0;

/** Result of a call, or parameters of an event. */
export type Message = Readonly<Record<string, unknown>>;

/** A result or an event, as the browser sends it. */
interface ReceivedMessage {
  readonly id?: number;
  readonly result?: Message;
  readonly error?: { readonly message?: string };
  readonly method?: string;
  readonly params?: Message;
}

interface PendingCall {
  resolve(result: Message): void;
  reject(error: Error): void;
}

/**
 * Client of the Chrome DevTools Protocol over the two pipes of `--remote-debugging-pipe`. Unlike a port, no other
 * process can connect to the pipes.
 */
export class DevToolsPipe {
  readonly #input: Writable;
  readonly #calls = new Map<number, PendingCall>();
  readonly #listeners = new Map<string, (parameters: Message) => void>();
  #chunks: Buffer[] = [];
  #bytes = 0;
  #lastId = 0;
  #failure: Error | undefined;
  #onFailure: (error: Error) => void = () => undefined;

  /**
   * @param input commands for the browser
   * @param output messages of the browser
   */
  constructor(input: Writable, output: Readable) {
    this.#input = input;
    // A pipe breaks when the browser ends, which its process reports.
    input.on("error", () => undefined);
    output.on("error", () => undefined);
    output.on("data", (chunk: Buffer) => this.#read(chunk));
  }

  /** Calls a method of the protocol. Rejects with RenderError if the browser refuses the call or has ended. */
  call(method: string, parameters: Message = {}, sessionId?: string): Promise<Message> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#calls.set(id, { resolve, reject });
      const message = { id, method, params: parameters, ...(sessionId !== undefined && { sessionId }) };
      this.#input.write(`${JSON.stringify(message)}\0`);
    });
  }

  /** Calls the listener with the parameters of each event of this name. An event has one listener. */
  on(event: string, listener: (parameters: Message) => void): void {
    this.#listeners.set(event, listener);
  }

  /** Calls the listener once, when the pipe fails, or now if it has failed. */
  onFailure(listener: (error: Error) => void): void {
    this.#onFailure = listener;
    if (this.#failure !== undefined) listener(this.#failure);
  }

  /** Rejects all calls, including later ones. Only the first failure has an effect. */
  fail(error: Error): void {
    if (this.#failure !== undefined) return;
    this.#failure = error;
    this.#chunks = [];
    for (const call of this.#calls.values()) call.reject(error);
    this.#calls.clear();
    this.#onFailure(error);
  }

  #read(chunk: Buffer): void {
    let rest = chunk;
    for (let end = rest.indexOf(END); end !== -1 && this.#failure === undefined; end = rest.indexOf(END)) {
      const text = Buffer.concat([...this.#chunks, rest.subarray(0, end)]).toString("utf8");
      this.#chunks = [];
      this.#bytes = 0;
      this.#take(text);
      rest = rest.subarray(end + 1);
    }
    if (this.#failure !== undefined || rest.length === 0) return;
    this.#chunks.push(rest);
    this.#bytes += rest.length;
    if (this.#bytes > MAX_MESSAGE) this.fail(new RenderError(`the picture is larger than ${MAX_MESSAGE} bytes`));
  }

  #take(text: string): void {
    let message: ReceivedMessage;
    try {
      message = JSON.parse(text) as ReceivedMessage;
    } catch {
      this.fail(new RenderError("the browser sent a message that is not JSON"));
      return;
    }
    if (message.id === undefined) {
      this.#listeners.get(message.method ?? "")?.(message.params ?? {});
      return;
    }
    const call = this.#calls.get(message.id);
    this.#calls.delete(message.id);
    if (message.error === undefined) call?.resolve(message.result ?? {});
    else call?.reject(new RenderError(`the browser refused a command: ${message.error.message ?? "no reason"}`));
  }
}
