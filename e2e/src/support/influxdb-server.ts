import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually, Fatal } from "./eventually.ts";
import { freezeProcess } from "./freeze-process.ts";
import { freePort } from "./ports.ts";
import { influxd } from "./requirements.ts";
import { Running } from "./running.ts";

/** An InfluxDB server of one test in its own folder. */
export class InfluxdbServer implements AsyncDisposable {
  readonly folder: string;
  readonly port: number;
  #running: Running;

  private constructor(folder: string, port: number) {
    this.folder = folder;
    this.port = port;
    this.#running = serve(folder);
  }

  /** @param hasUsers whether requests need a user; the first user can be created without one */
  static async start(hasUsers = false): Promise<InfluxdbServer> {
    const folder = mkdtempSync(join(tmpdir(), "narthex-influxdb-"));
    const port = await freePort();
    writeFileSync(join(folder, "influxdb.conf"), config(folder, { port, hasUsers }));
    const server = new InfluxdbServer(folder, port);
    await server.#answers();
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Executes a statement. Rejects with the server's message if the statement fails. */
  async execute(statement: string, user = ""): Promise<void> {
    const parameters = new URLSearchParams({ q: statement });
    const headers = user === "" ? {} : { Authorization: `Basic ${btoa(user)}` };
    const response = await fetch(`${this.url}/query?${String(parameters)}`, { method: "POST", headers });
    const text = await response.text();
    if (!response.ok || text.includes('"error"')) throw new Error(text);
  }

  /** Stores points in the line protocol, with times in ms. */
  async write(database: string, lines: readonly string[]): Promise<void> {
    const parameters = new URLSearchParams({ db: database, precision: "ms" });
    const response = await fetch(`${this.url}/write?${String(parameters)}`, { method: "POST", body: lines.join("\n") });
    if (!response.ok) throw new Error(await response.text());
  }

  /** Freezes the server: it keeps its connections, but does not answer. */
  freeze(): Promise<void> {
    return freezeProcess(this.#running.child.pid!);
  }

  thaw(): void {
    this.#running.kill("SIGCONT");
  }

  /** Kills the server. */
  async stop(): Promise<void> {
    this.#running.kill("SIGKILL");
    await this.#running.ended;
  }

  async startAgain(): Promise<void> {
    this.#running = serve(this.folder);
    await this.#answers();
  }

  async #answers(): Promise<void> {
    await eventually("InfluxDB answers", async () => {
      const { child, output } = this.#running;
      if (child.exitCode !== null) throw new Fatal(`ended with status ${child.exitCode}:\n${output}`);
      const response = await fetch(`${this.url}/ping`);
      if (response.status !== 204) throw new Error(`status ${response.status}`);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

const serve = (folder: string): Running =>
  new Running(influxd, ["-config", join(folder, "influxdb.conf")], { cwd: folder });

interface ServerConfig {
  readonly port: number;
  readonly hasUsers: boolean;
}

const config = (folder: string, { port, hasUsers }: ServerConfig): string => `reporting-disabled = true
bind-address = "127.0.0.1:0"
[meta]
dir = "${folder}/meta"
[data]
dir = "${folder}/data"
wal-dir = "${folder}/wal"
query-log-enabled = false
[http]
bind-address = "127.0.0.1:${port}"
auth-enabled = ${hasUsers}
log-enabled = false
[monitor]
store-enabled = false
[logging]
level = "error"
`;
