import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually, Fatal } from "./eventually.ts";
import { postgres } from "./requirements.ts";
import { Running } from "./running.ts";
import { freePort } from "./ports.ts";

/** User id of `nobody`. PostgreSQL refuses to run as root, and tests may run as root. */
const NOBODY = 65_534;

const MAX_ATTEMPTS = 5;

/** A PostgreSQL server for one test, in its own folder, with fsync as in production. */
export class PostgresServer implements AsyncDisposable {
  readonly folder: string;
  readonly port: number;
  #running: Running;

  private constructor(folder: string, port: number, running: Running) {
    this.folder = folder;
    this.port = port;
    this.#running = running;
  }

  static async start(): Promise<PostgresServer> {
    const folder = mkdtempSync(join(tmpdir(), "narthex-pg-"));
    chmodSync(folder, 0o755);
    if (isRoot()) chownSync(folder, NOBODY, NOBODY);
    const [command, ...args] = unprivileged(
      "initdb",
      "-D",
      join(folder, "data"),
      "-A",
      "trust",
      "-U",
      "narthex",
      "-E",
      "UTF8",
      "--no-locale",
      "--no-instructions",
    );
    execFileSync(command!, args, { stdio: "ignore", cwd: folder });
    for (let attempt = 1; ; attempt++) {
      const port = await freePort();
      const server = new PostgresServer(folder, port, serve(folder, port));
      try {
        await server.#answers();
        return server;
      } catch (error) {
        // The start is repeated, because another program may have taken the port after the check.
        if (attempt === MAX_ATTEMPTS || !/could not create any TCP\/IP sockets/.test(String(error))) throw error;
      }
    }
  }

  /** Process ids of the server: the main process and one for each connection and background task. */
  get pids(): readonly number[] {
    const { pid } = this.#running.child;
    if (pid === undefined || this.#running.hasEnded) return [];
    try {
      return [pid, ...readFileSync(`/proc/${pid}/task/${pid}/children`, "latin1").trim().split(" ").map(Number)];
    } catch {
      return [pid];
    }
  }

  /** Creates a database. Resolves with its URL. */
  async database(name: string): Promise<string> {
    await this.sql(`CREATE DATABASE ${name}`);
    return this.url(name);
  }

  url(name: string, port: number = this.port): string {
    return `postgres://narthex@127.0.0.1:${port}/${name}?sslmode=disable`;
  }

  /** Resolves with the result of a statement, without headings. */
  async sql(statement: string, database = "postgres"): Promise<string> {
    const args = ["-h", this.folder, "-p", String(this.port), "-U", "narthex", "-XqAtc", statement, database];
    return execFileSync(join(postgres, "psql"), args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  }

  /** Stops the server immediately, without waiting for its clients. */
  async stop(): Promise<void> {
    this.#running.kill("SIGQUIT");
    await this.#running.ended;
  }

  async startAgain(): Promise<void> {
    this.#running = serve(this.folder, this.port);
    await this.#answers();
  }

  async #answers(): Promise<void> {
    await eventually("PostgreSQL answers", async () => {
      const { child, output } = this.#running;
      if (child.exitCode !== null) throw new Fatal(`ended with status ${child.exitCode}:\n${output}`);
      return this.sql("SELECT 1");
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

const isRoot = (): boolean => process.getuid?.() === 0;

/** A command line that runs a PostgreSQL program as a user other than root. */
function unprivileged(program: string, ...args: readonly string[]): readonly string[] {
  const own = [join(postgres, program), ...args];
  return isRoot() ? ["setpriv", `--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups", ...own] : own;
}

function serve(folder: string, port: number): Running {
  const settings = ["listen_addresses=127.0.0.1", `port=${port}`, `unix_socket_directories=${folder}`, "fsync=on"];
  const [command, ...args] = unprivileged(
    "postgres",
    "-D",
    join(folder, "data"),
    ...settings.flatMap((each) => ["-c", each]),
  );
  return new Running(command!, args, { cwd: folder });
}
