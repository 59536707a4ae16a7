import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import type { Frame } from "@narthex/dashboards";
import { type Clock, reasonOf } from "@narthex/runtime";
import { PluginError } from "../plugin-error.ts";
import { CrashCount } from "./crash-count.ts";
import { LIMITS } from "./limits.ts";
import type { FromThread, PluginFunction, ThreadSettings, ToThread } from "./messages.ts";

/** A call of a function of a plugin. */
export interface PluginCall {
  readonly name: PluginFunction;
  readonly args: readonly unknown[];
  /** Settings of the source that the plugin may read. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Sends a request of the plugin, and resolves with its answer. An error is passed to the plugin as a text. */
  readonly request: (request: unknown, signal: AbortSignal) => Promise<object>;
  readonly timeoutMs: number;
}

export interface PluginThreadOptions {
  readonly clock: Clock;
  /** Name of the plugin in messages. */
  readonly id: string;
  readonly code: string;
  /** Called with each line that the plugin logs. */
  readonly log?: (line: string) => void;
}

interface Running {
  readonly call: PluginCall;
  readonly stopped: AbortController;
  readonly answered: PromiseWithResolvers<unknown>;
}

/** A call that waits until fewer calls run. */
interface Waiting {
  readonly begin: () => void;
}

/**
 * Runs the module of a source's plugin in a thread. The thread starts at the first call, and ends after a time without
 * calls. If it crashes, the running calls fail, and the next call starts another thread.
 */
export class PluginThread {
  readonly #options: PluginThreadOptions;
  readonly #crashes: CrashCount;
  readonly #running = new Map<number, Running>();
  readonly #queue: Waiting[] = [];
  /** Stops of the waits for the confirmation that a call has ended, by the call's id. */
  readonly #unconfirmed = new Map<number, () => void>();
  #worker: Worker | undefined;
  /** Number of calls that may run now. */
  #turns = 0;
  #lastId = 0;
  #stopIdle: (() => void) | undefined;
  #isClosed = false;

  constructor(options: PluginThreadOptions) {
    this.#options = options;
    this.#crashes = new CrashCount(options.clock);
  }

  /** Whether the thread exists. */
  get isRunning(): boolean {
    return this.#worker !== undefined;
  }

  /** Answers a query. Rejects with PluginError if the plugin fails, or with the signal's reason. */
  async query(call: Omit<PluginCall, "name">, signal: AbortSignal): Promise<readonly Frame[]> {
    return (await this.call({ ...call, name: "query" }, signal)) as readonly Frame[];
  }

  /** Calls a function. Rejects with PluginError if the plugin fails, or with the signal's reason. */
  async call(call: PluginCall, signal: AbortSignal): Promise<unknown> {
    await this.#turn(signal);
    try {
      signal.throwIfAborted();
      return await this.#run(call, signal);
    } finally {
      const next = this.#queue.shift();
      if (next === undefined) this.#turns--;
      else next.begin();
      if (this.#turns === 0) this.#endWhenIdle();
    }
  }

  /** Ends the thread. Running calls fail. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#end(new PluginError(`the plugin "${this.#options.id}" was closed`));
  }

  /** Waits until fewer calls run than may run at the same time. */
  #turn(signal: AbortSignal): Promise<void> {
    if (this.#turns < LIMITS.running) {
      this.#turns++;
      return Promise.resolve();
    }
    if (this.#queue.length >= LIMITS.waiting)
      return Promise.reject(
        new PluginError(`${LIMITS.waiting} calls of the plugin "${this.#options.id}" wait already; try again later`),
      );
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        this.#queue.splice(this.#queue.indexOf(waiting), 1);
        reject(reasonOf(signal));
      };
      const waiting: Waiting = {
        begin: () => {
          signal.removeEventListener("abort", onAbort);
          resolve();
        },
      };
      this.#queue.push(waiting);
      signal.addEventListener("abort", onAbort, { once: true });
    });
  }

  async #run(call: PluginCall, signal: AbortSignal): Promise<unknown> {
    const { id: plugin, clock } = this.#options;
    const worker = this.#threadFor();
    const id = ++this.#lastId;
    const running: Running = { call, stopped: new AbortController(), answered: Promise.withResolvers() };
    const stop = (reason: Error): void => {
      running.answered.reject(reason);
      this.#cancel(id);
    };
    const onAbort = (): void => stop(reasonOf(signal));
    const seconds = call.timeoutMs / 1000;
    const cancelTimer = clock.after(call.timeoutMs, () =>
      stop(new PluginError(`the plugin "${plugin}" did not answer within ${seconds} s`)),
    );
    signal.addEventListener("abort", onAbort, { once: true });
    this.#running.set(id, running);
    const { name, args, settings } = call;
    this.#send(worker, { kind: "call", id, name, args: JSON.stringify(args), settings: JSON.stringify(settings) });
    try {
      return await running.answered.promise;
    } finally {
      cancelTimer();
      signal.removeEventListener("abort", onAbort);
      running.stopped.abort();
      this.#running.delete(id);
    }
  }

  /** Asks the thread to end a call. If the thread does not confirm this, it hangs, and is ended. */
  #cancel(id: number): void {
    const worker = this.#worker;
    if (worker === undefined) return;
    this.#send(worker, { kind: "cancel", id });
    const stopWait = this.#options.clock.after(LIMITS.graceMs, () => {
      this.#unconfirmed.delete(id);
      if (this.#worker !== worker) return;
      this.#crashes.add();
      void this.#end(new PluginError(`the plugin "${this.#options.id}" hangs, and was stopped`));
    });
    this.#unconfirmed.set(id, stopWait);
  }

  #send(worker: Worker, message: ToThread): void {
    worker.postMessage(message);
  }

  #threadFor(): Worker {
    const { id, code } = this.#options;
    if (this.#isClosed) throw new PluginError(`the plugin "${id}" was closed; send the query again`);
    this.#stopIdle?.();
    this.#stopIdle = undefined;
    if (this.#worker !== undefined) return this.#worker;
    this.#crashes.check(id);
    const isSource = import.meta.url.endsWith(".ts");
    const settings: ThreadSettings = { engine: engineFile(), file: `${id}.js`, code };
    const worker = new Worker(new URL(isSource ? "./plugin-worker.ts" : "./plugin-worker.js", import.meta.url), {
      name: "plugin",
      workerData: settings,
      resourceLimits: { maxOldGenerationSizeMb: LIMITS.heapMb },
      env: {},
      stdin: false,
    });
    worker.unref();
    worker.on("message", (message: FromThread) => this.#take(worker, message));
    worker.on("error", (error) => this.#lost(worker, error.message));
    worker.on("exit", () => this.#lost(worker, "it ended"));
    this.#worker = worker;
    return worker;
  }

  #take(worker: Worker, message: FromThread): void {
    if (message.kind === "cancelled") {
      this.#unconfirmed.get(message.id)?.();
      this.#unconfirmed.delete(message.id);
      return;
    }
    const running = this.#running.get(message.id);
    if (running === undefined) return;
    switch (message.kind) {
      case "request":
        void this.#request(worker, message, running);
        break;
      case "log":
        this.#options.log?.(message.text);
        break;
      case "frames":
        running.answered.resolve(message.frames);
        break;
      case "value":
        running.answered.resolve(message.value);
        break;
      case "failure":
        running.answered.reject(new PluginError(message.message));
        break;
    }
  }

  async #request(
    worker: Worker,
    { id, request, text }: Extract<FromThread, { kind: "request" }>,
    { call, stopped }: Running,
  ): Promise<void> {
    let answer: ToThread;
    try {
      const response = JSON.stringify(await call.request(JSON.parse(text), stopped.signal));
      answer =
        response.length > LIMITS.responseCharacters
          ? { kind: "refusal", id, request, message: "the answer is too long for a plugin; ask for less" }
          : { kind: "response", id, request, text: response };
    } catch (error) {
      answer = { kind: "refusal", id, request, message: error instanceof Error ? error.message : String(error) };
    }
    if (!stopped.signal.aborted) this.#send(worker, answer);
  }

  #lost(worker: Worker, reason: string): void {
    if (this.#worker !== worker) return;
    this.#crashes.add();
    void this.#end(new PluginError(`the plugin "${this.#options.id}" has crashed: ${reason}`));
  }

  #endWhenIdle(): void {
    this.#stopIdle?.();
    this.#stopIdle = this.#options.clock.after(LIMITS.idleMs, () => {
      if (this.#turns === 0) void this.#end(new PluginError("the thread was not used"));
    });
  }

  async #end(reason: PluginError): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    this.#stopIdle?.();
    for (const stopWait of this.#unconfirmed.values()) stopWait();
    this.#unconfirmed.clear();
    for (const { answered } of this.#running.values()) answered.reject(reason);
    await worker?.terminate();
  }
}

/** Returns the file of the engine: next to the bundle, otherwise in the library's package. */
function engineFile(): string {
  return import.meta.url.endsWith(".ts")
    ? createRequire(import.meta.url).resolve("quickjs-wasi/quickjs.wasm")
    : fileURLToPath(new URL("./quickjs.wasm", import.meta.url));
}
