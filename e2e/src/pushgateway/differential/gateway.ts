import { Agent, request } from "node:http";
import { join } from "node:path";
import { peers } from "../../support/requirements.ts";
import { launcher, Running } from "../../support/running.ts";
import { freePort } from "../../support/ports.ts";
import type { GatewayRequest } from "./requests.ts";

/** HTTP answer of a Pushgateway. The status is 0 if the connection broke. */
export interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** Our Pushgateway or the original Pushgateway. */
export class Gateway implements AsyncDisposable {
  readonly base: string;
  readonly #port: number;
  readonly #running: Running;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });

  constructor(running: Running, port: number) {
    this.#running = running;
    this.#port = port;
    this.base = `http://127.0.0.1:${port}`;
  }

  static async start(side: "ours" | "theirs", flags: readonly string[]): Promise<Gateway> {
    const port = await freePort();
    // The persistence file is set explicitly, because packages of the original Pushgateway have a file in /var as the
    // default.
    const args = [`--web.listen-address=127.0.0.1:${port}`, "--log.level=error", "--persistence.file=", ...flags];
    const running =
      side === "ours"
        ? new Running(launcher, ["pushgateway", ...args])
        : new Running(join(peers, "prometheus-pushgateway"), args);
    const gateway = new Gateway(running, port);
    await running.ready(`${gateway.base}/-/ready`);
    return gateway;
  }

  /** Sends a request. The path is sent exactly as given, even if it is malformed. */
  send({ method, path, headers, body }: GatewayRequest): Promise<Answered> {
    return new Promise((resolve) => {
      const length = body === undefined ? {} : { "content-length": body.length };
      const options = { host: "127.0.0.1", port: this.#port, method, path, agent: this.#agent };
      const sent = request({ ...options, headers: { ...headers, ...length } }, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.once("error", () => resolve({ status: 0, headers: {}, body: "" }));
        response.once("end", () => {
          const whole = Buffer.concat(chunks).toString("latin1");
          resolve({ status: response.statusCode!, headers: response.headers, body: whole });
        });
      });
      sent.once("error", (error) => resolve({ status: 0, headers: {}, body: error.message }));
      sent.end(body);
    });
  }

  get(path: string, accept = ""): Promise<Answered> {
    return this.send({ method: "GET", path, headers: accept === "" ? {} : { accept }, body: undefined });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#agent.destroy();
    await this.#running[Symbol.asyncDispose]();
  }
}
