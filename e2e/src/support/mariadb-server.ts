import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually, Fatal } from "./eventually.ts";
import { freePort } from "./ports.ts";
import { mariadbd } from "./requirements.ts";
import { Running } from "./running.ts";

/** User id of `nobody`. MariaDB refuses to run as root, and tests may run as root. */
const NOBODY = 65_534;

const MAX_ATTEMPTS = 5;

/** A MariaDB server of one test in its own folder. Its user `root` has no password. */
export class MariadbServer implements AsyncDisposable {
  readonly folder: string;
  readonly port: number;
  readonly #settings: readonly string[];
  #running: Running;

  private constructor(folder: string, port: number, settings: readonly string[]) {
    this.folder = folder;
    this.port = port;
    this.#settings = settings;
    this.#running = serve(folder, port, settings);
  }

  /** @param settings further options of the server, such as `--ssl-ca=FILE` */
  static async start(settings: readonly string[] = []): Promise<MariadbServer> {
    const folder = mkdtempSync(join(tmpdir(), "narthex-maria-"));
    chmodSync(folder, 0o755);
    if (isRoot()) chownSync(folder, NOBODY, NOBODY);
    const [command, ...args] = unprivileged(
      "/usr/bin/mariadb-install-db",
      "--no-defaults",
      `--datadir=${join(folder, "data")}`,
      "--auth-root-authentication-method=normal",
      "--skip-test-db",
    );
    execFileSync(command!, args, { stdio: "ignore", cwd: folder });
    for (let attempt = 1; ; attempt++) {
      const server = new MariadbServer(folder, await freePort(), settings);
      try {
        await server.#answers();
        return server;
      } catch (error) {
        // The start is repeated, because another program may have taken the port after the check.
        if (attempt === MAX_ATTEMPTS || !/Can't start server: Bind on TCP/.test(String(error))) throw error;
      }
    }
  }

  /** Resolves with the result of a statement, without headings. */
  async sql(statement: string, database = "mysql"): Promise<string> {
    // Command-line options of the client. Without the character set, it would depend on the locale of this process.
    const options = ["--no-defaults", "--default-character-set=utf8mb4", `--socket=${this.#socket}`];
    const args = [...options, "-uroot", "-N", "-B", "-e", statement, database];
    return execFileSync("/usr/bin/mariadb", args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  }

  get #socket(): string {
    return join(this.folder, "socket");
  }

  /** Kills the server. */
  async stop(): Promise<void> {
    this.#running.kill("SIGKILL");
    await this.#running.ended;
  }

  async startAgain(): Promise<void> {
    this.#running = serve(this.folder, this.port, this.#settings);
    await this.#answers();
  }

  async #answers(): Promise<void> {
    await eventually("MariaDB answers", async () => {
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

/** A command line that runs a program as a user other than root. */
const unprivileged = (...command: readonly string[]): readonly string[] =>
  isRoot() ? ["setpriv", `--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups", ...command] : command;

function serve(folder: string, port: number, settings: readonly string[]): Running {
  const [command, ...args] = unprivileged(
    mariadbd,
    "--no-defaults",
    `--datadir=${join(folder, "data")}`,
    `--socket=${join(folder, "socket")}`,
    `--pid-file=${join(folder, "pid")}`,
    `--tmpdir=${folder}`,
    `--port=${port}`,
    "--bind-address=127.0.0.1",
    "--innodb-buffer-pool-size=32M",
    ...settings,
  );
  return new Running(command!, args, { cwd: folder });
}
