import { Worker } from "node:worker_threads";
import { type Clock, InternalErrors, isProgramFault, type Logger } from "@narthex/runtime";
import { COMPONENT, type SenderMessage, type SenderRequest, type SenderSettings } from "./sender-messages.ts";

export interface SenderThreadOptions {
  readonly settings: SenderSettings;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly internalErrors?: InternalErrors | undefined;
  /** Script of the sending thread. The default is the worker in this folder. */
  readonly entry?: URL | undefined;
}

/** Time in ms after which a crashed thread is replaced. */
const RESTART_MS = 1000;
/** Time in ms that a stopping thread has beyond the time of its queues. */
const GRACE_MS = 2000;

/**
 * The thread that runs all remote write queues, so that scrapes and queries do not wait for them. If the thread
 * crashes, a new thread continues from the stored positions.
 */
export class SenderThread {
  readonly #options: SenderThreadOptions;
  #worker: Worker | undefined;
  #queues: SenderRequest | undefined;
  #isStopping = false;
  #isRestarting = false;
  #cancelRestart: () => void = () => {};

  constructor(options: SenderThreadOptions) {
    this.#options = options;
  }

  /** Whether the thread is running or will soon be replaced. */
  get isRunning(): boolean {
    return this.#worker !== undefined || this.#isRestarting;
  }

  apply(request: Extract<SenderRequest, { kind: "queues" }>): void {
    this.#queues = request;
    if (this.#worker === undefined) this.#start();
    else this.#worker.postMessage(request);
  }

  post(request: SenderRequest): void {
    this.#worker?.postMessage(request);
  }

  /**
   * Stops the thread and resolves when it has ended.
   * @param flushMs time in ms for its queues to send the rest of the log
   */
  async stop(flushMs: number): Promise<void> {
    this.#isStopping = true;
    this.#cancelRestart();
    const worker = this.#worker;
    if (worker === undefined) return;
    const { clock } = this.#options;
    const ended = new Promise<void>((resolve) => {
      worker.once("exit", () => resolve());
      worker.on("message", ({ kind }: SenderMessage) => {
        if (kind === "stopped") resolve();
      });
    });
    worker.postMessage({ kind: "stop", flushMs } satisfies SenderRequest);
    const giveUp = new AbortController();
    await Promise.race([ended, clock.sleep(flushMs + GRACE_MS, giveUp.signal).catch(() => {})]);
    giveUp.abort();
    await worker.terminate();
  }

  #start(): void {
    const { settings, logger, entry = defaultEntry(), internalErrors = new InternalErrors() } = this.#options;
    const worker = new Worker(entry, { name: "remote write", workerData: settings });
    this.#worker = worker;
    this.#cancelRestart();
    this.#isRestarting = false;
    // Lets the process end while the thread is running.
    worker.unref();
    let reason = "it ended by itself";
    worker.on("message", (message: SenderMessage) => {
      if (message.kind === "log") logger[message.level](message.message, message.fields);
      else if (message.kind === "internal error") internalErrors.add(COMPONENT, 1);
    });
    worker.on("error", (cause: unknown) => {
      reason = cause instanceof Error ? cause.message : String(cause);
      if (isProgramFault(cause)) internalErrors.reporter(COMPONENT, logger)(cause);
    });
    worker.once("exit", () => {
      this.#worker = undefined;
      if (this.#isStopping) return;
      logger.error("The thread of remote write ended; a new thread is started", { err: reason });
      this.#isRestarting = true;
      this.#cancelRestart = this.#options.clock.after(RESTART_MS, () => this.#start());
    });
    if (this.#queues !== undefined) worker.postMessage(this.#queues);
  }
}

const defaultEntry = (): URL =>
  new URL(import.meta.url.endsWith(".ts") ? "./worker.ts" : "./remote-write-worker.js", import.meta.url);
