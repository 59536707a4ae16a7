import { type ChildProcess, spawn } from "node:child_process";
import type { Clock, Host } from "@narthex/runtime";
import { httpStatus } from "./http-status.ts";
import type { Role } from "./roles.ts";

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
/**
 * Time in ms after which a running server counts as healthy. If a healthy server exits, it is restarted after the
 * shortest delay.
 */
const HEALTHY_MS = 60_000;
const STOP_LIMIT_MS = 10_000;
const READY_POLL_MS = 100;
const READY_LIMIT_MS = 2000;
/** If a server exits this number of times without having been ready once, `narthex up` stops. */
const MAX_FAILED_STARTS = 3;
const PORT_IN_USE = "EADDRINUSE";

interface Options {
  readonly host: Host;
  /** Command and arguments that run the CLI: `[node, main.ts]`. */
  readonly cli: readonly string[];
  /** Default environment variables of the server. Variables in the environment of `narthex up` take precedence. */
  readonly env: Readonly<Record<string, string>>;
  /** Arguments that are passed to every server. */
  readonly shared: readonly string[];
  /** Prints one line for the user. */
  readonly say: (line: string) => void;
}

/** Runs one server as a child process, restarts it after an exit, and stops it on request. */
export class Supervisor {
  readonly #role: Role;
  readonly #options: Options;
  readonly #clock: Clock;
  #child: ChildProcess | undefined;
  #stopping = new AbortController();
  #wasReady = false;
  /** Whether another program already used the server's port when the server's process was started. */
  #isTaken = false;
  #exits = 0;
  #isPortTaken = false;

  constructor(role: Role, options: Options) {
    this.#role = role;
    this.#options = options;
    this.#clock = options.host.clock;
  }

  /** Whether the server's last process exited because another program uses its port. */
  get isPortTaken(): boolean {
    return this.#isPortTaken;
  }

  /**
   * Starts the server. Resolves with true when it is ready, or with false if it cannot start. Later restarts happen in
   * the background.
   */
  async start(): Promise<boolean> {
    const startedAt = this.#clock.monotonic();
    const loop = this.#run();
    const ready = await Promise.race([this.#untilReady(), loop.then(() => false)]);
    this.#wasReady = ready;
    if (ready) {
      const seconds = ((this.#clock.monotonic() - startedAt) / 1000).toFixed(1);
      const { name, port, what } = this.#role;
      this.#options.say(`  ${name.padEnd(14)} http://localhost:${port}  ${what} (ready after ${seconds} s)`);
    }
    return ready;
  }

  /** Reloads the server's configuration by SIGHUP. */
  reload(): void {
    this.#child?.kill("SIGHUP");
  }

  /** Asks the server to stop, and kills the process if it does not exit in time. */
  async stop(): Promise<void> {
    this.#stopping.abort(new Error("stopping"));
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
    child.kill("SIGTERM");
    const cancel = this.#clock.after(STOP_LIMIT_MS, () => child.kill("SIGKILL"));
    await gone;
    cancel();
  }

  /** Keeps the server running. Returns when the server is stopped or cannot start. */
  async #run(): Promise<void> {
    let pause = FIRST_PAUSE_MS;
    while (!this.#stopping.signal.aborted) {
      const startedAt = this.#clock.monotonic();
      this.#isTaken = await answers(this.#role);
      const end = await this.#runOnce();
      if (this.#stopping.signal.aborted) return;
      this.#exits++;
      if (!this.#wasReady && (this.#exits >= MAX_FAILED_STARTS || !this.#mayHelp(end))) return;
      if (this.#clock.monotonic() - startedAt > HEALTHY_MS) pause = FIRST_PAUSE_MS;
      this.#options.say(`  ${this.#role.name} ended (${end}); starting it again in ${pause / 1000} s`);
      await this.#clock.sleep(pause, this.#stopping.signal).catch(() => undefined);
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
    }
  }

  /**
   * Reports whether a restart may succeed. Returns true if the port was in use or the process was killed, but false for
   * errors such as an invalid configuration.
   */
  #mayHelp(end: string): boolean {
    return this.#isPortTaken || !end.startsWith("status ");
  }

  #runOnce(): Promise<string> {
    this.#isPortTaken = false;
    const [command, ...first] = this.#options.cli;
    const { env, host, shared } = this.#options;
    return new Promise((resolve) => {
      const child = spawn(command!, [...first, this.#role.name, ...this.#role.args, ...shared], {
        cwd: host.cwd,
        env: { ...env, ...host.env, ...this.#role.env },
        // The server ends itself when the IPC channel closes, so it does not outlive this supervisor.
        stdio: ["ignore", "pipe", "pipe", "ipc"],
      });
      this.#child = child;
      this.#passOn(child.stdout!);
      this.#passOn(child.stderr!);
      child.once("error", (error) => resolve(error.message));
      child.once("exit", (code, signal) => resolve(signal ?? `status ${code}`));
    });
  }

  /** Prints the server's output, with its name before each line. */
  #passOn(stream: NodeJS.ReadableStream): void {
    let rest = "";
    stream.setEncoding("utf8");
    stream.on("data", (text: string) => {
      const lines = (rest + text).split("\n");
      rest = lines.pop()!;
      if (!this.#wasReady && lines.some((line) => line.includes(PORT_IN_USE))) this.#isPortTaken = true;
      for (const line of lines) this.#options.host.stderr(`${this.#role.name.padEnd(14)}| ${line}\n`);
    });
  }

  async #untilReady(): Promise<boolean> {
    while (!this.#stopping.signal.aborted) {
      const child = this.#child;
      // If another program already used the port before the start, the answer of that program must not be mistaken for
      // the server's answer.
      const isOwn = !this.#isTaken && isRunning(child);
      if (isOwn && (await answers(this.#role)) && isRunning(child)) return true;
      await this.#clock.sleep(READY_POLL_MS, this.#stopping.signal).catch(() => undefined);
    }
    return false;
  }
}

const isRunning = (child: ChildProcess | undefined): boolean => child !== undefined && child.exitCode === null;

/** Reports whether a program, the server or another one, answers as ready on the server's port. */
async function answers({ port, readyPath, loopback }: Role): Promise<boolean> {
  const status = await httpStatus(port, readyPath, READY_LIMIT_MS, loopback);
  return status !== undefined && status < 400;
}
