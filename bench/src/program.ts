import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { Agent, get } from "node:http";
import { connect } from "node:net";

const TICKS_PER_SECOND = 100;
const PAGE_BYTES = 4096;
/** Time in ms after SIGTERM until a program that still runs is killed. */
const PATIENCE_MS = 60_000;

/** Time in ms after which ready() rejects. */
const PATIENCE_READY_MS = 300_000;

const READY_POLL_MS = 2;

/** Child processes to kill if the run is interrupted. */
const running = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

export class Program implements AsyncDisposable {
  readonly #child: ChildProcess;
  #output = "";
  /**
   * CPU time in ms of each live thread at the last reading, by thread id. `#endedThreadsMs` is the total of the ended
   * threads.
   */
  #threads: ReadonlyMap<string, number> = new Map();
  #endedThreadsMs = 0;

  /** @param environment variables in addition to those of this process */
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

  /** Returns the CPU time so far and the resident memory of the program and its live descendants. */
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
   * Returns the proportional memory (PSS) in bytes of each process of the tree, with the arguments of its command line.
   * Pages that several processes share are divided among those processes.
   */
  proportionalBytes(): readonly { readonly words: readonly string[]; readonly bytes: number }[] {
    return descendants(this.#child.pid!).flatMap((pid) => {
      try {
        const words = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").filter(Boolean);
        const kilobytes = /^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1];
        return [{ words, bytes: Number(kilobytes) * 1024 }];
      } catch {
        // Ignores a child process that has ended since its id was read.
        return [];
      }
    });
  }

  /**
   * Returns the CPU time of the process in ms. Live threads count with the scheduler's value, ended threads with their
   * last value. If the process's CPU ticks are higher than this sum, the ticks count.
   */
  threadsCpuMs(): number {
    const folder = `/proc/${this.#child.pid}/task`;
    const threads = new Map<string, number>();
    for (const task of readdirSync(folder)) {
      try {
        threads.set(task, Number(readFileSync(`${folder}/${task}/schedstat`, "utf8").split(" ")[0]) / 1e6);
      } catch {
        // Ignores a thread that ended after the folder was listed.
      }
    }
    for (const [task, ms] of this.#threads) if (!threads.has(task)) this.#endedThreadsMs += ms;
    this.#threads = threads;
    const livingMs = threads.values().reduce((sum, ms) => sum + ms, 0);
    this.#endedThreadsMs = Math.max(this.#endedThreadsMs, this.cpuSeconds() * 1000 - livingMs);
    return livingMs + this.#endedThreadsMs;
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }

  get ended(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** Restarts the measurement of peakBytes(). */
  forgetPeak(): void {
    writeFileSync(`/proc/${this.#child.pid}/clear_refs`, "5");
  }

  /** Peak of resident memory, bytes. */
  peakBytes(): number {
    const status = readFileSync(`/proc/${this.#child.pid}/status`, "utf8");
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
  }

  /**
   * Resolves at most 2 ms after `url` answers with 2xx. Rejects if the program ends, or after five minutes. Sends no
   * request before the port is open, because a connection attempt uses less CPU time than a request.
   */
  async ready(url: string): Promise<void> {
    const { hostname, port } = new URL(url);
    using agent = new KeptConnection();
    const deadline = performance.now() + PATIENCE_READY_MS;
    let isOpen = false;
    while (performance.now() < deadline) {
      if (this.ended) throw new Error(`ended with status ${this.#child.exitCode}:\n${this.#output}`);
      isOpen ||= await connects(Number(port), hostname);
      if (isOpen && (await answers(url, agent))) return;
      await pause(READY_POLL_MS);
    }
    throw new Error(`${url} never answered:\n${this.#output}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.ended) return;
    const exited = new Promise((resolve) => this.#child.once("exit", resolve));
    this.#child.kill("SIGTERM");
    const killTimer = setTimeout(() => this.#child.kill("SIGKILL"), PATIENCE_MS);
    await exited;
    clearTimeout(killTimer);
  }

  /** Fields of /proc/PID/stat after the command's name. */
  #stat(): readonly string[] {
    const fields = statOf(this.#child.pid!);
    if (fields === undefined) throw new Error(`has ended:\n${this.#output}`);
    return fields;
  }
}

class KeptConnection extends Agent implements Disposable {
  constructor() {
    super({ keepAlive: true, maxSockets: 1 });
  }

  [Symbol.dispose](): void {
    this.destroy();
  }
}

const connects = (port: number, host: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, host, () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });

const answers = (url: string, agent: Agent): Promise<boolean> =>
  new Promise((resolve) => {
    const outgoing = get(url, { agent }, (response) => {
      const { statusCode = 0 } = response;
      response.resume().once("close", () => resolve(statusCode >= 200 && statusCode < 300));
    });
    outgoing.once("error", () => resolve(false));
  });

/** Fields of /proc/PID/stat after the command's name; undefined if the process has ended. */
function statOf(pid: number): readonly string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  } catch {
    return undefined;
  }
}

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
