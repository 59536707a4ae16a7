import { createServer, request } from "node:http";
import { compress } from "snappyjs";
import { eventually } from "../support/eventually.ts";
import { onLoopback } from "../support/loopback.ts";
import { freePort } from "../support/ports.ts";
import { narthex, type Running } from "../support/running.ts";
import { Workplace } from "../support/workplace.ts";
import { type Door, isFetched } from "./door.ts";
import type { Pumped } from "./pump.ts";

/**
 * An input that is taken or refused in proportion to its length needs less than a second, even on a busy machine; one that
 * costs the square of its length needs minutes.
 */
const WATCHDOG_MS = 30_000;
const AGENT = "Mozilla/5.0 (pumping suite)";

/** What came of an input: a status, or why there is none. */
export type Outcome = { readonly status: number } | { readonly problem: string };

/** A role that runs, to which pumped inputs are sent. */
export class PumpedRole implements AsyncDisposable {
  readonly #place: Workplace;
  readonly #running: Running;
  readonly #port: number;
  readonly #target: AsyncDisposable | undefined;
  /** The numbers of inputs after which the role has asked again. */
  readonly #taken: Set<number>;

  private constructor(
    place: Workplace,
    running: Running,
    port: number,
    target?: AsyncDisposable,
    taken = new Set<number>(),
  ) {
    this.#place = place;
    this.#running = running;
    this.#port = port;
    this.#target = target;
    this.#taken = taken;
  }

  /** Starts the role of a door; a door that the role asks itself serves the inputs. */
  static async start(door: Door, inputs: readonly Pumped[]): Promise<PumpedRole> {
    const place = new Workplace();
    const port = await freePort();
    const taken = new Set<number>();
    const target = isFetched(door) ? await serveInputs(door, inputs, taken) : undefined;
    const config = configOf(door, inputs.length, target?.port ?? 0);
    const running = narthex([...flagsOf(door.role, place, config), `--web.listen-address=127.0.0.1:${port}`]);
    await running.ready(`http://127.0.0.1:${port}/-/ready`);
    return new PumpedRole(place, running, port, target, taken);
  }

  /** Returns why the role is not well, or undefined. */
  async ailment(): Promise<string | undefined> {
    if (this.#running.hasEnded) return `the process ended: ${this.#running.output.slice(-2000)}`;
    const outcome = await this.#request({ method: "GET", path: "/-/healthy" });
    return "status" in outcome && outcome.status === 200 ? undefined : `/-/healthy: ${JSON.stringify(outcome)}`;
  }

  /** Sends one input through a door of requests. */
  send({ entry }: Door, { text }: Pumped): Promise<Outcome> {
    switch (entry.kind) {
      case "parameter": {
        const rest = entry.rest === undefined || entry.rest === "" ? "" : `&${entry.rest}`;
        return this.#request({ method: "GET", path: `${entry.path}?${entry.name}=${encodeURIComponent(text)}${rest}` });
      }
      case "path":
        return this.#request({ method: entry.method, path: entry.path + inPath(text) + (entry.rest ?? "") });
      case "header":
        return this.#request({ method: "GET", path: entry.path, headers: { [entry.name]: inHeader(text) } });
      case "body":
        return this.#request({ ...entry, headers: { "content-type": entry.type }, body: bytesOf(text, entry.type) });
      case "snappy":
        return this.#request({
          method: "POST",
          path: entry.path,
          headers: {
            "content-type": entry.type,
            "content-encoding": "snappy",
            "x-prometheus-remote-write-version": entry.type.includes("v2") ? "2.0.0" : "0.1.0",
          },
          body: Buffer.from(compress(Buffer.from(text, "latin1"))),
        });
      default:
        throw new Error(`no request enters by ${entry.kind}`);
    }
  }

  /** Waits until the role has fetched each input and has asked again, or hangs. */
  async fetched(count: number): Promise<void> {
    await eventually(`${count} inputs are fetched`, async () => {
      const ailment = await this.ailment();
      // An ailment ends the wait; the caller reports it.
      if (ailment === undefined && this.#taken.size < count) throw new Error(`${this.#taken.size} of ${count}`);
    });
  }

  #request({ method, path, headers = {}, body }: SentRequest): Promise<Outcome> {
    return new Promise((resolve) => {
      const all = {
        ...headers,
        "user-agent": AGENT,
        connection: "close",
        ...(body && { "content-length": body.length }),
      };
      const signal = AbortSignal.timeout(WATCHDOG_MS);
      const sent = request({ host: "127.0.0.1", port: this.#port, method, path, headers: all, signal }, (response) => {
        response.resume();
        response.once("close", () => resolve({ status: response.statusCode ?? 0 }));
        response.once("error", () => resolve({ problem: "the answer broke off" }));
      });
      // A role that refuses a body closes the connection before all of it is there.
      sent.once("error", (error) =>
        resolve(signal.aborted ? { problem: `no answer within ${WATCHDOG_MS / 1000} s` } : { problem: error.message }),
      );
      sent.end(body);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#running.kill("SIGKILL");
    await this.#running.ended.catch(() => undefined);
    await this.#target?.[Symbol.asyncDispose]();
    this.#place[Symbol.dispose]();
  }
}

interface SentRequest {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer;
}

/** An outcome that shows a fault of the role: no answer in time. */
export const isHang = (outcome: Outcome): boolean => "problem" in outcome && outcome.problem.startsWith("no answer");

/** Only what a request line can hold is left as it is. */
const inPath = (text: string): string =>
  text.replaceAll(/[^\w/@=.%~-]/g, (character) => encodeURIComponent(character.isWellFormed() ? character : "?"));
const inHeader = (text: string): string => text.replaceAll(/[^\t\u0020-\u007e\u0080-\u00ff]/g, "~");
const bytesOf = (text: string, type: string): Buffer =>
  Buffer.from(text, type.includes("protobuf") ? "latin1" : "utf8");

/** The HTTP server that the role asks: each input once, then a page with nothing wrong. */
function serveInputs(
  { entry }: Door,
  inputs: readonly Pumped[],
  taken: Set<number>,
): Promise<AsyncDisposable & { port: number }> {
  const sent = new Set<number>();
  const server = createServer((incoming, response) => {
    const number = Number(/\d+$/.exec(incoming.url ?? "")?.[0] ?? 0);
    const input = inputs[number];
    const isFirst = input !== undefined && !sent.has(number);
    if (!isFirst) taken.add(number);
    sent.add(number);
    if (entry.kind === "target list") {
      response.writeHead(200, { "content-type": "application/json" });
      response.end(isFirst ? input.text : "[]");
      return;
    }
    const type = entry.kind === "page" && isFirst ? entry.type : "text/plain; version=0.0.4";
    response.writeHead(200, { "content-type": entry.kind === "content type" && isFirst ? inHeader(input.text) : type });
    response.end(entry.kind === "page" && isFirst ? bytesOf(input.text, entry.type) : "up_again 1\n");
  });
  return onLoopback(server);
}

/** The configuration of a role; the server has a target, or a list of targets, for each input. */
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

function flagsOf(role: Door["role"], place: Workplace, config: string): string[] {
  switch (role) {
    case "server":
      return [
        "server",
        `--config.file=${place.write("prometheus.yml", config)}`,
        `--storage.tsdb.path=${place.path("data")}`,
        "--web.enable-remote-write-receiver",
        "--web.enable-otlp-receiver",
        "--enable-feature=exemplar-storage,promql-experimental-functions",
      ];
    case "alertmanager":
      return [
        "alertmanager",
        `--config.file=${place.write("alertmanager.yml", config)}`,
        `--storage.path=${place.path("data")}`,
        "--cluster.listen-address=",
      ];
    case "pushgateway":
      return ["pushgateway", `--persistence.file=${place.path("pushed")}`];
  }
}
