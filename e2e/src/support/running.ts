import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { eventually, Fatal } from "./eventually.ts";

export const root: string = new URL("../../..", import.meta.url).pathname;
export const launcher: string = join(root, "bin/narthex");

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A process under test. Its output is recorded, and it ends with the test. */
export class Running implements AsyncDisposable {
  readonly child: ChildProcess;
  stdout = "";
  stderr = "";
  readonly ended: Promise<Ended>;

  /** Starts a program. With `input`, the test can write to the program's standard input. */
  constructor(
    command: string,
    args: readonly string[],
    options: { cwd?: string; env?: NodeJS.ProcessEnv; input?: boolean } = {},
  ) {
    this.child = spawn(command, args, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      stdio: [options.input === true ? "pipe" : "ignore", "pipe", "pipe"],
    });
    this.child.stdout!.setEncoding("utf8").on("data", (text: string) => (this.stdout += text));
    this.child.stderr!.setEncoding("utf8").on("data", (text: string) => (this.stderr += text));
    this.ended = new Promise((resolve, reject) => {
      this.child.once("error", reject);
      this.child.once("close", (code, signal) => resolve({ code, signal }));
    });
    // Prevents an unhandled rejection if the program cannot be started. Callers that await `ended` get the error.
    this.ended.catch(() => undefined);
  }

  get output(): string {
    return this.stdout + this.stderr;
  }

  get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Waits until a URL answers with 200. */
  async ready(url: string): Promise<void> {
    await eventually(`${url} answers`, async () => {
      if (this.hasEnded) {
        const { exitCode, signalCode } = this.child;
        throw new Fatal(`ended with status ${exitCode ?? signalCode}:\n${this.output}`);
      }
      const response = await fetch(url);
      await response.arrayBuffer();
      if (!response.ok) throw new Error(`status ${response.status}`);
    });
  }

  /**
   * Waits until the program's output matches a pattern. Output may arrive later than the program's responses over the
   * network.
   */
  async printed(wanted: RegExp): Promise<void> {
    await eventually(`${this.child.spawnargs[1] ?? ""} prints ${wanted}`, async () => {
      if (wanted.test(this.output)) return;
      const isOver = this.hasEnded;
      if (isOver) await this.ended;
      if (wanted.test(this.output)) return;
      throw new (isOver ? Fatal : Error)(this.output);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.hasEnded) return;
    this.child.kill("SIGTERM");
    const force = setTimeout(() => this.child.kill("SIGKILL"), 12_000);
    await this.ended.catch(() => undefined);
    clearTimeout(force);
  }
}

/** Runs a `narthex` command. */
export const narthex = (args: readonly string[], options: { cwd?: string; env?: NodeJS.ProcessEnv } = {}): Running =>
  new Running(launcher, args, options);
