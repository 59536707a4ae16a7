import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { onLoopback } from "../../support/loopback.ts";
import { freePortOffset } from "../../support/ports.ts";
import { narthex, root, type Running } from "../../support/running.ts";
import { Workplace } from "../../support/workplace.ts";

/** Default ports of the servers of `narthex up`, which documentation pages mention. */
const PORTS = [3000, 9090, 9091, 9093, 9100];

/** Password of the dashboards server's admin in documented commands. */
export const PASSWORD = "of the pages";

/**
 * The running stack that documentation pages refer to: the starter configuration with free ports and a scrape interval
 * of one second.
 */
export class Stack implements AsyncDisposable {
  readonly workplace: Workplace;
  /** Free ports, by the port number in the documentation. */
  readonly ports: ReadonlyMap<number, number>;
  /** Folder of the stack's configuration, which replaces `deploy/config` in documented commands. */
  readonly configDir: string;
  readonly up: Running;
  /** HTTP server that receives alert notifications and answers like Slack. */
  readonly sink: Awaited<ReturnType<typeof onLoopback>>;

  private constructor(workplace: Workplace, offset: number, sink: Stack["sink"]) {
    this.workplace = workplace;
    this.sink = sink;
    this.ports = new Map(PORTS.map((port) => [port, port + offset]));
    const config = workplace.path("config");
    cpSync(join(root, "deploy/config"), config, { recursive: true });
    const file = join(config, "prometheus.yml");
    const accelerated = readFileSync(file, "utf8").replace(
      /(scrape_interval|scrape_timeout|evaluation_interval): \ds/g,
      "$1: 1s",
    );
    writeFileSync(file, accelerated);
    this.configDir = workplace.path("data", `config-offset-${offset}`);
    this.up = narthex(["up", `--data-dir=${workplace.path("data")}`, `--port-offset=${offset}`], {
      env: { ...process.env, NARTHEX_STARTER_CONFIG: config, GF_SECURITY_ADMIN_PASSWORD: PASSWORD },
    });
  }

  static async start(): Promise<Stack> {
    const stack = new Stack(
      new Workplace(),
      await freePortOffset(),
      await onLoopback(createServer((_, response) => void response.end("ok"))),
    );
    await stack.up.printed(/^Ready\./m);
    return stack;
  }

  get server(): string {
    return `http://127.0.0.1:${this.ports.get(9090)}`;
  }

  /** Sends a request to the dashboards server as its admin. With a body, the request is a POST. */
  async requestDashboards(path: string, body?: unknown): Promise<unknown> {
    const response = await fetch(`http://127.0.0.1:${this.ports.get(3000)}${path}`, {
      method: body === undefined ? "GET" : "POST",
      headers: { authorization: `Basic ${btoa(`admin:${PASSWORD}`)}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return response.json();
  }

  get sinkUrl(): string {
    return `http://127.0.0.1:${this.sink.port}/`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.up[Symbol.asyncDispose]();
    await this.sink[Symbol.asyncDispose]();
    this.workplace[Symbol.dispose]();
  }
}
