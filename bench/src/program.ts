import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";

const TICKS_PER_SECOND = 100;
const PAGE_BYTES = 4096;
/** Who has not ended so long after SIGTERM is killed. */
const PATIENCE_MS = 60_000;

/** Who is not ready after so long will not be. */
const PATIENCE_READY_MS = 300_000;

/** Those that would outlive a run that is broken off. */
const running = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

/** A program under measurement. */
export class Program implements AsyncDisposable {
  readonly #child: ChildProcess;
  #output = "";

  /** @param environment on top of this process' own */
  constructor(command: string, args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
    const env = { ...process.env, ...environment };
    this.#child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], env });
    running.add(this.#child.once("exit", () => running.delete(this.#child)));
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

  /** CPU time so far and resident memory of the program with all its descendants that live. */
  tree(): { readonly cpuSeconds: number; readonly residentBytes: number } {
    let [ticks, pages] = [0, 0];
    for (const pid of descendants(this.#child.pid!)) {
      const fields = statOf(pid);
      ticks += Number(fields?.[11] ?? 0) + Number(fields?.[12] ?? 0);
      pages += Number(fields?.[21] ?? 0);
    }
    return { cpuSeconds: ticks / TICKS_PER_SECOND, residentBytes: pages * PAGE_BYTES };
  }

  /**
   * Memory of each process of the tree by what it counts for alone, bytes: a page that several processes share is divided
   * among them (PSS). By the words of its command line.
   */
  proportionalBytes(): readonly { readonly words: readonly string[]; readonly bytes: number }[] {
    return descendants(this.#child.pid!).flatMap((pid) => {
      try {
        const words = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").filter(Boolean);
        const kilobytes = /^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1];
        return [{ words, bytes: Number(kilobytes) * 1024 }];
      } catch {
        return []; // one that has ended meanwhile
      }
    });
  }

  /** CPU time of the threads that live, by the scheduler's own account, ms. */
  threadsCpuMs(): number {
    const folder = `/proc/${this.#child.pid}/task`;
    let nanoseconds = 0;
    for (const task of readdirSync(folder)) {
      try {
        nanoseconds += Number(readFileSync(`${folder}/${task}/schedstat`, "utf8").split(" ")[0]);
      } catch {
        // a thread that has ended meanwhile
      }
    }
    return nanoseconds / 1e6;
  }

  /** At once. */
  kill(): void {
    this.#child.kill("SIGKILL");
  }

  get ended(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
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

  /** Resolves once `url` answers with 2xx; rejects where the program ends, or after five minutes. */
  async ready(url: string, pollMs = 100): Promise<void> {
    for (let attempt = 0; attempt < PATIENCE_READY_MS / pollMs; attempt++) {
      if (this.ended) throw new Error(`ended with status ${this.#child.exitCode}:\n${this.#output}`);
      const ok = await fetch(url).then(
        (response) => response.ok,
        () => false,
      );
      if (ok) return;
      await pause(pollMs);
    }
    throw new Error(`${url} never answered:\n${this.#output}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.ended) return;
    const gone = new Promise((resolve) => this.#child.once("exit", resolve));
    this.#child.kill("SIGTERM");
    const impatience = setTimeout(() => this.#child.kill("SIGKILL"), PATIENCE_MS);
    await gone;
    clearTimeout(impatience);
  }

  /** Fields of /proc/PID/stat after the command's name. */
  #stat(): readonly string[] {
    const fields = statOf(this.#child.pid!);
    if (fields === undefined) throw new Error(`has ended:\n${this.#output}`);
    return fields;
  }
}

/** Fields of /proc/PID/stat after the command's name; undefined when it has gone. */
function statOf(pid: number): readonly string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  } catch {
    return undefined;
  }
}

/** A process and those it has started, and so on. */
function descendants(pid: number): number[] {
  const children = (task: string): number[] =>
    readFileSync(`/proc/${pid}/task/${task}/children`, "utf8").split(" ").filter(Boolean).map(Number);
  try {
    return [pid, ...readdirSync(`/proc/${pid}/task`).flatMap(children).flatMap(descendants)];
  } catch {
    return [pid];
  }
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
