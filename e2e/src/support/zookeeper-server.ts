import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "./ports.ts";
import { zooKeeperJar } from "./requirements.ts";
import { Running } from "./running.ts";

/** Libraries of Debian's package that ZooKeeper's programs need. */
const CLASSES = [zooKeeperJar, "/usr/share/java/slf4j-api.jar", "/usr/share/java/slf4j-nop.jar"].join(":");

/** A ZooKeeper server of one test in its own folder, and a client that changes its nodes. */
export class ZooKeeperServer implements AsyncDisposable {
  readonly folder = mkdtempSync(join(tmpdir(), "narthex-zookeeper-"));
  readonly port: number;
  #running: Running;

  private constructor(port: number) {
    this.port = port;
    this.#running = this.#serve();
  }

  static async start(): Promise<ZooKeeperServer> {
    return new ZooKeeperServer(await freePort());
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** Runs commands of ZooKeeper's own client, such as `create /a data`, one after the other. */
  async execute(commands: readonly string[]): Promise<void> {
    const args = ["-cp", CLASSES, "org.apache.zookeeper.ZooKeeperMain", "-waitforconnection", "-server", this.address];
    const client = new Running("java", args, { input: true });
    client.child.stdin!.end(`${commands.join("\n")}\nquit\n`);
    const { code } = await client.ended;
    if (code !== 0) throw new Error(`${client.output}\nserver: ${this.#running.output}`);
  }

  /** Kills the server. */
  async stop(): Promise<void> {
    this.#running.kill("SIGKILL");
    await this.#running.ended;
  }

  startAgain(): void {
    this.#running = this.#serve();
  }

  /** Deletes all nodes and sessions. The server must be stopped. */
  wipe(): void {
    rmSync(join(this.folder, "data"), { recursive: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  #serve(): Running {
    const file = join(this.folder, "zoo.cfg");
    const lines = [
      "tickTime=500",
      `dataDir=${this.folder}/data`,
      "admin.enableServer=false",
      `clientPort=${this.port}`,
    ];
    writeFileSync(file, [...lines, "clientPortAddress=127.0.0.1", ""].join("\n"));
    return new Running("java", ["-cp", CLASSES, "org.apache.zookeeper.server.ZooKeeperServerMain", file]);
  }
}
