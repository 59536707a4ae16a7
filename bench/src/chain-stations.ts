import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "./free-port.ts";
import { Program } from "./program.ts";

const peers = process.env["NARTHEX_PEERS"] ?? "/usr/bin";
const own = new URL("../../bin/narthex", import.meta.url).pathname;

export type StationKind =
  | "ours"
  | "ours as an agent"
  | "Prometheus"
  | "VictoriaMetrics"
  | "vmagent, Prometheus' protocol"
  | "vmagent, its own protocol";

/** One program of a remote write chain. The program can be killed and restarted on its port and in its folder. */
export class Station implements AsyncDisposable {
  readonly kind: StationKind;
  readonly base: string;
  readonly #command: string;
  readonly #args: readonly string[];
  readonly #ready: string;
  #program: Program | undefined;

  private constructor(kind: StationKind, port: number, command: string, args: readonly string[], ready: string) {
    this.kind = kind;
    this.base = `http://127.0.0.1:${port}`;
    this.#command = command;
    this.#args = args;
    this.#ready = ready;
  }

  /** @param to URL to which the program sends its samples; undefined for the last program of the chain */
  static async of(kind: StationKind, folder: string, name: string, to: string | undefined): Promise<Station> {
    const port = await freePort();
    const address = `127.0.0.1:${port}`;
    const data = join(folder, name);
    const url = to === undefined ? undefined : `${to}/api/v1/write`;
    if (kind === "VictoriaMetrics") {
      const args = [`-storageDataPath=${data}`, `-httpListenAddr=${address}`, "-retentionPeriod=1y"];
      // The sender repeats a request whose response is lost, so VictoriaMetrics must remove duplicates. The query cache
      // is disabled.
      const once = ["-dedup.minScrapeInterval=1ms", "-search.disableCache", "-search.latencyOffset=0s"];
      const patient = "-search.maxQueryDuration=10m";
      return new Station(kind, port, join(peers, "victoria-metrics"), [...args, ...once, patient], "/health");
    }
    if (kind.startsWith("vmagent")) {
      if (url === undefined) throw new Error(`${kind} cannot be the end of a chain`);
      const protocol = kind.endsWith("its own protocol") ? "VM" : "Prom";
      const args = [`-remoteWrite.url=${url}`, `-remoteWrite.force${protocol}Proto`, "-remoteWrite.queues=1"];
      const folders = [`-remoteWrite.tmpDataPath=${data}`, `-httpListenAddr=${address}`];
      return new Station(kind, port, join(peers, "vmagent"), [...args, ...folders], "/health");
    }
    const file = join(folder, `${name}.yml`);
    writeFileSync(file, url === undefined ? "" : `remote_write: [{url: "${url}", queue_config: {max_backoff: 1s}}]\n`);
    const args = [
      ...(isOurs(kind) ? ["server", "--web.remote-write-receiver.zstd"] : []),
      ...(kind === "ours as an agent" ? ["--agent", `--storage.agent.path=${data}`] : [`--storage.tsdb.path=${data}`]),
      `--config.file=${file}`,
      `--web.listen-address=${address}`,
      "--web.enable-remote-write-receiver",
    ];
    return new Station(kind, port, isOurs(kind) ? own : join(peers, "prometheus"), args, "/-/ready");
  }

  async start(): Promise<void> {
    this.#program = new Program(this.#command, this.#args);
    await this.#program.ready(`${this.base}${this.#ready}`);
  }

  async kill(): Promise<void> {
    this.#program!.kill();
    await this.end();
  }

  /** Ends the program gracefully. */
  async end(): Promise<void> {
    await this.#program?.[Symbol.asyncDispose]();
  }

  /** Resident memory of the program and its descendants, MB. */
  residentMb(): number {
    return this.#program!.tree().residentBytes / 1e6;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.end();
  }
}

/** Reports whether a program of this kind belongs to this repository. */
export const isOurs = (kind: StationKind): boolean => kind.startsWith("ours");

export const isInstalled = (kind: StationKind): boolean =>
  isOurs(kind) ||
  existsSync(
    join(peers, kind === "Prometheus" ? "prometheus" : kind === "VictoriaMetrics" ? "victoria-metrics" : "vmagent"),
  );

/** Reports whether programs of this kind answer queries. */
export const isQueried = (kind: StationKind): boolean =>
  kind === "ours" || kind === "Prometheus" || kind === "VictoriaMetrics";
