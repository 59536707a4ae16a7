import { once } from "node:events";
import { createServer, get, type IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import { eventually } from "../support/eventually.ts";
import { onLoopback } from "../support/loopback.ts";
import { freePort } from "../support/ports.ts";
import { narthex, type Running } from "../support/running.ts";
import { Workplace } from "../support/workplace.ts";
import { dashboardsArguments } from "../support/dashboards-arguments.ts";
import { type Door, isFetched } from "./door.ts";
import type { InflatedInput } from "./inflate.ts";
import { type Outcome, sendInput, sendRequest, serveInput } from "./send-input.ts";

/** A running server that the test attacks with inputs that are valid but extremely long, deep or large. */
export class AttackedRole implements AsyncDisposable {
  readonly #workplace: Workplace;
  readonly #role: Door["role"];
  readonly #running: Running;
  readonly #port: number;
  readonly #target: AsyncDisposable | undefined;
  /**
   * Numbers of the hostile inputs that the server has processed. A fetched input is processed when the server sends its
   * next request.
   */
  readonly #taken: Set<number>;

  private constructor(
    workplace: Workplace,
    role: Door["role"],
    running: Running,
    port: number,
    target?: AsyncDisposable,
    taken = new Set<number>(),
  ) {
    this.#workplace = workplace;
    this.#role = role;
    this.#running = running;
    this.#port = port;
    this.#target = target;
    this.#taken = taken;
  }

  /**
   * Starts the server that the hostile inputs attack. If the server fetches its inputs, also starts an HTTP server that
   * provides them.
   */
  static async start(door: Door, inputs: readonly InflatedInput[]): Promise<AttackedRole> {
    const workplace = new Workplace();
    const port = await freePort();
    const taken = new Set<number>();
    const target = isFetched(door) ? await serveInputs(door, inputs, taken) : undefined;
    const config = configOf(door, inputs.length, target?.port ?? 0);
    const env = { ...process.env, NARTHEX_OWN_METRICS: "1" };
    const running = narthex(argumentsOf(door.role, workplace, config, port), { env });
    await running.ready(`http://127.0.0.1:${port}${HEALTH[door.role].ready}`);
    return new AttackedRole(workplace, door.role, running, port, target, taken);
  }

  /** Resolves with the reason why the attacked server is unhealthy; undefined if it is healthy. */
  async problem(): Promise<string | undefined> {
    if (this.#running.hasEnded) return `the process ended: ${this.#running.output.slice(-2000)}`;
    const path = HEALTH[this.#role].healthy;
    const outcome = await sendRequest(this.#port, { method: "GET", path });
    return "status" in outcome && outcome.status === 200 ? undefined : `${path}: ${JSON.stringify(outcome)}`;
  }

  /**
   * Resolves with the longest time in seconds for which the server's event loop was blocked in the last ten minutes,
   * rounded to 0.1 s.
   */
  async longestTurn(): Promise<number> {
    // Uses a new connection for each request, because the server closes idle connections.
    const request = get({ host: "127.0.0.1", port: this.#port, path: "/metrics", agent: false });
    const [response] = (await once(request, "response")) as [IncomingMessage];
    const page = await text(response);
    const seconds = /^narthex_event_loop_longest_turn_seconds (.*)$/m.exec(page)?.[1];
    if (seconds === undefined) throw new Error("the page has no longest turn");
    return Number(seconds);
  }

  /** Sends a hostile input in a request to the server. */
  send(door: Door, input: InflatedInput): Promise<Outcome> {
    return sendInput(this.#port, door, input);
  }

  /** Waits until the server has processed each input that it fetches, or until it hangs. */
  async fetched(count: number): Promise<void> {
    await eventually(`${count} inputs are fetched`, async () => {
      const problem = await this.problem();
      // Stops waiting if the server is unhealthy; the caller of this function reports the problem.
      if (problem === undefined && this.#taken.size < count) throw new Error(`${this.#taken.size} of ${count}`);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#running.kill("SIGKILL");
    await this.#running.ended.catch(() => undefined);
    await this.#target?.[Symbol.asyncDispose]();
    this.#workplace[Symbol.dispose]();
  }
}

/**
 * Starts an HTTP server from which the attacked server fetches hostile inputs. Serves each input once, and then a valid
 * page.
 */
function serveInputs(
  door: Door,
  inputs: readonly InflatedInput[],
  taken: Set<number>,
): Promise<AsyncDisposable & { port: number }> {
  const sent = new Set<number>();
  const server = createServer((incoming, response) => {
    const number = Number(/\d+$/.exec(incoming.url ?? "")?.[0] ?? 0);
    const input = inputs[number];
    const isFirst = input !== undefined && !sent.has(number);
    sent.add(number);
    if (isFirst) {
      serveInput(door, input, response);
      return;
    }
    taken.add(number);
    const isList = door.entry.kind === "target list";
    response.writeHead(200, { "content-type": isList ? "application/json" : "text/plain; version=0.0.4" });
    response.end(isList ? "[]" : "up_again 1\n");
  });
  return onLoopback(server);
}

/**
 * Returns the configuration of the attacked server. If the server fetches its inputs, each input has a scrape target or
 * a discovery URL.
 */
function configOf({ role, entry }: Door, count: number, port: number): string {
  if (role === "alertmanager") return "route: {receiver: nobody, group_wait: 1h}\nreceivers: [{name: nobody}]\n";
  const numbers = Array.from({ length: count }, (_, i) => i);
  if (entry.kind === "target list") {
    const lists = numbers.map((i) => `{url: 'http://127.0.0.1:${port}/${i}', refresh_interval: 5s}`);
    return `scrape_configs: [{job_name: lists, scrape_interval: 1d, scrape_timeout: 1s, http_sd_configs: [${lists.join(", ")}]}]\n`;
  }
  const jobs = numbers.map(
    (i) =>
      `- {job_name: j${i}, metrics_path: /${i}, convert_classic_histograms_to_nhcb: ${i % 2 === 0}, scrape_native_histograms: true, static_configs: [{targets: ['127.0.0.1:${port}']}]}`,
  );
  return `global: {scrape_interval: 5s, scrape_timeout: 5s}\nstorage: {tsdb: {out_of_order_time_window: 100y}}\nscrape_configs:\n${port === 0 ? "" : jobs.join("\n")}\n`;
}

const MANAGED = { ready: "/-/ready", healthy: "/-/healthy" };

const HEALTH: Readonly<Record<Door["role"], typeof MANAGED>> = {
  server: MANAGED,
  alertmanager: MANAGED,
  pushgateway: MANAGED,
  dashboards: { ready: "/api/health", healthy: "/api/health" },
  "node-exporter": { ready: "/", healthy: "/" },
};

function argumentsOf(role: Door["role"], workplace: Workplace, config: string, port: number): readonly string[] {
  if (role === "dashboards")
    return dashboardsArguments(workplace, port, ["auth.anonymous.enabled=true", "auth.anonymous.org_role=Admin"]);
  return [...flagsOf(role, workplace, config), `--web.listen-address=127.0.0.1:${port}`];
}

function flagsOf(role: Exclude<Door["role"], "dashboards">, workplace: Workplace, config: string): string[] {
  switch (role) {
    case "server":
      return [
        "server",
        `--config.file=${workplace.write("prometheus.yml", config)}`,
        `--storage.tsdb.path=${workplace.path("data")}`,
        "--web.enable-remote-write-receiver",
        "--web.enable-otlp-receiver",
        "--web.enable-mcp",
        `--rules.api.path=${workplace.path("stored-rules")}`,
        "--web.enable-backtest",
        "--enable-feature=exemplar-storage,promql-experimental-functions",
      ];
    case "alertmanager":
      return [
        "alertmanager",
        `--config.file=${workplace.write("alertmanager.yml", config)}`,
        `--storage.path=${workplace.path("data")}`,
        "--cluster.listen-address=",
        "--web.enable-receiver-setup",
      ];
    case "pushgateway":
      return ["pushgateway", `--persistence.file=${workplace.path("pushed")}`];
    case "node-exporter":
      return ["node-exporter"];
  }
}
