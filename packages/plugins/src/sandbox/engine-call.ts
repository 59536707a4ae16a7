import type { Clock } from "@narthex/runtime";
import { EvalFlags, type JSValueHandle, QuickJS } from "quickjs-wasi";
import { PluginError } from "../plugin-error.ts";
import { LIMITS } from "./limits.ts";
import type { PluginFunction } from "./messages.ts";

/**
 * Program that runs in the engine before the module of a plugin. Returns the function that starts a call. The functions
 * of the host exchange only texts with the engine.
 */
const PRELUDE = `(request, answer, fail, log) => {
  const { parse, stringify } = JSON;
  const text = String;
  const own = (context) => ({ ...context, async request(asked) {
    const response = parse(await request(stringify(asked) ?? ""));
    let json;
    try { json = parse(response.text); } catch {}
    return { ...response, json };
  } });
  const line = (...parts) => log(parts.map((part) => typeof part === "string" ? part : stringify(part) ?? text(part)).join(" "));
  globalThis.console = { log: line, info: line, warn: line, error: line, debug: line };
  const reason = (error) => { try { return text(error?.message ?? error); } catch { return "an error without a message"; } };
  return (module, name, args, settings) => {
    (async () => {
      const run = (await module)[name];
      if (typeof run !== "function") throw new Error("the module does not export the function " + name);
      return stringify(await run(...parse(args), own({ settings: parse(settings) }))) ?? "null";
    })().then(answer, (error) => fail(reason(error)));
  };
}`;

export interface CallOptions {
  readonly wasm: WebAssembly.Module;
  readonly clock: Clock;
  readonly file: string;
  readonly code: string;
  /** Sends a request, whose answer is passed to `respond` or `refuse`. */
  readonly request: (id: number, text: string) => void;
  readonly log: (text: string) => void;
  /** Called once with the JSON of the result, or with an error for the user. */
  readonly done: (result: string | PluginError) => void;
}

/**
 * A call of a function of a plugin. Each call has an engine of its own: a JavaScript interpreter in WebAssembly with
 * limits for memory, stack and time. The engine has no function of this process except for those of the prelude.
 */
export class EngineCall {
  readonly #options: CallOptions;
  readonly #waiting = new Map<number, { resolve(text: string): void; reject(message: string): void }>();
  #vm: QuickJS | undefined;
  #requests = 0;
  #lines = 0;
  #isDone = false;
  #computedMs = 0;
  #sliceStart = 0;

  constructor(options: CallOptions) {
    this.#options = options;
  }

  async start(name: PluginFunction, args: string, settings: string): Promise<void> {
    const vm = await QuickJS.create({
      wasm: this.#options.wasm,
      memoryLimit: LIMITS.memoryBytes,
      maxStackSize: LIMITS.stackBytes,
      timezoneOffset: 0,
      interruptHandler: () => this.#isDone || this.#spentMs() > LIMITS.computingMs,
      wasi: () => ({ fd_write: () => BAD_DESCRIPTOR }),
    });
    if (this.#isDone) {
      vm.dispose();
      return;
    }
    this.#vm = vm;
    this.#slice(() => {
      const start = vm.callFunction(vm.evalCode(PRELUDE, "prelude"), vm.undefined, ...this.#hostFunctions(vm));
      const module = vm.evalCode(this.#options.code, this.#options.file, EvalFlags.TYPE_MODULE);
      const texts = [name, args, settings].map((text) => vm.newString(text));
      vm.callFunction(start, vm.undefined, module, ...texts);
    });
  }

  /** Passes the answer to a request to the plugin. */
  respond(request: number, text: string): void {
    const waiting = this.#waiting.get(request);
    if (this.#waiting.delete(request)) this.#slice(() => waiting!.resolve(text));
  }

  /** Passes the reason of a request that failed to the plugin. */
  refuse(request: number, message: string): void {
    const waiting = this.#waiting.get(request);
    if (this.#waiting.delete(request)) this.#slice(() => waiting!.reject(message));
  }

  /** Ends the call without a result. */
  cancel(): void {
    this.#isDone = true;
    this.#release();
  }

  #hostFunctions(vm: QuickJS): readonly JSValueHandle[] {
    return [
      vm.newFunction("request", (asked) => this.#request(vm, asked?.toString() ?? "")),
      vm.newFunction("answer", (result) => {
        this.#finish(result?.toString() ?? "null");
        return vm.undefined;
      }),
      vm.newFunction("fail", (message) => {
        this.#finish(new PluginError((message?.toString() ?? "").slice(0, LIMITS.logCharacters)));
        return vm.undefined;
      }),
      vm.newFunction("log", (text) => {
        if (this.#lines++ < LIMITS.logLines) this.#options.log((text?.toString() ?? "").slice(0, LIMITS.logCharacters));
        return vm.undefined;
      }),
    ];
  }

  #request(vm: QuickJS, text: string): JSValueHandle {
    const id = ++this.#requests;
    const deferred = vm.newPromise();
    const refusal = this.#refusalOf(text);
    if (refusal !== undefined) deferred.reject(vm.newError(refusal));
    else {
      this.#waiting.set(id, {
        resolve: (answer) => deferred.resolve(vm.newString(answer)),
        reject: (message) => deferred.reject(vm.newError(message)),
      });
      this.#options.request(id, text);
    }
    return deferred.handle;
  }

  #refusalOf(text: string): string | undefined {
    if (this.#requests > LIMITS.requests) return `a call may send at most ${LIMITS.requests} requests`;
    if (this.#waiting.size >= LIMITS.requestsAtOnce)
      return `a call may wait for at most ${LIMITS.requestsAtOnce} requests at the same time; await some of them first`;
    return text.length > LIMITS.requestCharacters
      ? `a request may have at most ${LIMITS.requestCharacters} characters`
      : undefined;
  }

  /** Runs a step of the plugin, until it waits for an answer or is done. */
  #slice(step: () => void): void {
    const vm = this.#vm;
    if (vm === undefined || this.#isDone) return;
    this.#sliceStart = this.#options.clock.monotonic();
    try {
      step();
      vm.executePendingJobs();
      this.#computedMs = this.#spentMs();
      if (!this.#isDone && this.#waiting.size === 0)
        this.#finish(new PluginError("the plugin waits for something that never happens"));
    } catch (error) {
      this.#finish(this.#failureOf(error));
    }
    if (this.#isDone) this.#release();
  }

  #failureOf(error: unknown): PluginError {
    if (this.#spentMs() > LIMITS.computingMs)
      return new PluginError(`the plugin computed for more than ${LIMITS.computingMs / 1000} s, and was stopped`);
    const message = error instanceof Error ? error.message : String(error);
    if (/out of memory|too long|unreachable|memory access/.test(message))
      return new PluginError(
        `the plugin needed more than ${LIMITS.memoryBytes / 1024 ** 2} MiB of memory, and was stopped`,
      );
    return new PluginError(message.slice(0, LIMITS.logCharacters));
  }

  #spentMs(): number {
    return this.#computedMs + this.#options.clock.monotonic() - this.#sliceStart;
  }

  #finish(result: string | PluginError): void {
    if (this.#isDone) return;
    this.#isDone = true;
    this.#options.done(
      typeof result === "string" && result.length > LIMITS.answerCharacters
        ? new PluginError(`the plugin returned more than ${LIMITS.answerCharacters} characters; return less`)
        : result,
    );
  }

  #release(): void {
    this.#waiting.clear();
    const vm = this.#vm;
    this.#vm = undefined;
    try {
      vm?.dispose();
    } catch {
      // Ignores the error: an engine without memory cannot free its values. All of its memory is dropped together.
    }
  }
}

/** Error code of WASI for writing to a file that is not open. */
const BAD_DESCRIPTOR = 8;
