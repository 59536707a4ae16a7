import { Running } from "../../support/running.ts";

/** A program that can be killed and restarted on its port and folder. */
export class Program implements AsyncDisposable {
  readonly base: string;
  readonly #command: string;
  readonly #args: readonly string[];
  readonly #ready: string;
  #running: Running | undefined;

  constructor(command: string, args: readonly string[], port: number, ready: string) {
    this.base = `http://127.0.0.1:${port}`;
    this.#command = command;
    this.#args = args;
    this.#ready = ready;
  }

  async start(): Promise<void> {
    this.#running = new Running(this.#command, this.#args);
    await this.#running.ready(`${this.base}${this.#ready}`);
  }

  async end(signal: "SIGKILL" | "SIGTERM"): Promise<void> {
    this.#running!.kill(signal);
    await this.#running!.ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#running?.[Symbol.asyncDispose]();
  }
}
