import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";

const TICKS_PER_SECOND = 100;
const PAGE_BYTES = 4096;

/** A program under measurement. */
export class Program implements AsyncDisposable {
  readonly #child: ChildProcess;
  #output = "";

  /** @param environment on top of this process' own */
  constructor(command: string, args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
    const env = { ...process.env, ...environment };
    this.#child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], env });
    for (const stream of [this.#child.stdout!, this.#child.stderr!])
      stream.setEncoding("utf8").on("data", (text: string) => (this.#output += text));
  }

  /** User and system CPU time so far, seconds. */
  cpuSeconds(): number {
    const fields = this.#stat();
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  }

  /** Resident memory, bytes. */
  residentBytes(): number {
    return Number(this.#stat()[21]) * PAGE_BYTES;
  }

  /** From here on peakBytes() tells of what comes. */
  forgetPeak(): void {
    writeFileSync(`/proc/${this.#child.pid}/clear_refs`, "5");
  }

  /** The most that was resident at any time, bytes. */
  peakBytes(): number {
    const status = readFileSync(`/proc/${this.#child.pid}/status`, "utf8");
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
  }

  async ready(url: string): Promise<void> {
    for (let attempt = 0; attempt < 3000; attempt++) {
      if (this.#child.exitCode !== null) throw new Error(`ended with status ${this.#child.exitCode}:\n${this.#output}`);
      const ok = await fetch(url).then(
        (response) => response.ok,
        () => false,
      );
      if (ok) return;
      await pause(100);
    }
    throw new Error(`${url} never answered:\n${this.#output}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const gone = new Promise((resolve) => this.#child.once("exit", resolve));
    this.#child.kill("SIGTERM");
    await gone;
  }

  /** Fields of /proc/PID/stat after the command's name. */
  #stat(): readonly string[] {
    const text = readFileSync(`/proc/${this.#child.pid}/stat`, "utf8");
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  }
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
