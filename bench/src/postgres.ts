import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "./free-port.ts";
import { pause, Program } from "./program.ts";

/** User id of `nobody`: PostgreSQL refuses to run as root, and a benchmark may run as root. */
const NOBODY = 65_534;
const VERSIONS = "/usr/lib/postgresql";
const ATTEMPTS = 300;

/** Returns the folder of the installed PostgreSQL programs, of the newest version if there are several. */
function programs(): string {
  const named = process.env["NARTHEX_POSTGRES"];
  if (named !== undefined) return named;
  const versions = existsSync(VERSIONS) ? readdirSync(VERSIONS).toSorted((a, b) => Number(b) - Number(a)) : [];
  if (versions[0] === undefined) throw new Error(`no PostgreSQL in ${VERSIONS}: NARTHEX_POSTGRES names its folder`);
  return join(VERSIONS, versions[0], "bin");
}

/** A PostgreSQL server with an empty database. Fsync is enabled, as in production. */
export class PostgresServer implements AsyncDisposable {
  readonly url: string;
  readonly #program: Program;
  readonly #psqlArgs: readonly string[];

  private constructor(url: string, program: Program, psqlArgs: readonly string[]) {
    this.url = url;
    this.#program = program;
    this.#psqlArgs = psqlArgs;
  }

  /** @param parent an empty folder */
  static async start(parent: string): Promise<PostgresServer> {
    const folder = join(parent, "postgres");
    mkdirSync(folder);
    chmodSync(parent, 0o755);
    const isRoot = process.getuid?.() === 0;
    if (isRoot) chownSync(folder, NOBODY, NOBODY);
    const become = isRoot ? ["setpriv", `--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups"] : [];
    const data = join(folder, "data");
    const [make, ...making] = [...become, join(programs(), "initdb"), "-D", data, "-A", "trust", "-U", "narthex"];
    execFileSync(make, making, { stdio: "ignore", cwd: folder });
    const port = await freePort();
    const settings = ["listen_addresses=127.0.0.1", `port=${port}`, `unix_socket_directories=${folder}`];
    const own = [join(programs(), "postgres"), "-D", data, ...settings.flatMap((each) => ["-c", each])];
    const [serve, ...serving] = [...become, ...own];
    const program = new Program(serve!, serving);
    const psqlArgs = ["-h", folder, "-p", String(port), "-U", "narthex", "-XqAt", "postgres"];
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      try {
        execFileSync(join(programs(), "psql"), [...psqlArgs, "-c", "SELECT 1"], { stdio: "ignore" });
        return new PostgresServer(`postgres://narthex@127.0.0.1:${port}/postgres?sslmode=disable`, program, psqlArgs);
      } catch {
        await pause(100);
      }
    }
    await program[Symbol.asyncDispose]();
    throw new Error("PostgreSQL does not answer");
  }

  /** Runs a statement, and discards its result. */
  execute(sql: string): void {
    execFileSync(join(programs(), "psql"), [...this.#psqlArgs, "-c", sql], { stdio: "ignore" });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#program[Symbol.asyncDispose]();
  }
}
