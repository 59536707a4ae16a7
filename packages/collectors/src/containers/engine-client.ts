import { existsSync } from "node:fs";
import type { Agent, IncomingMessage } from "node:http";
import { join } from "node:path";
import type { Clock } from "@narthex/runtime";

/** Maximum size of an answer in bytes. Answers of engines are smaller. */
const MAX_BYTES = 256 * 1024 * 1024;

/** Requests data over a unix socket from a container engine with Docker's API (Docker, Podman). */
export class EngineClient {
  readonly #socket: string;
  readonly #inRootfs: string;
  readonly #clock: Clock;
  #agent: Agent | undefined;

  /** @param rootfs value of --path.rootfs; the socket is searched below this folder if it is not at its own path */
  constructor(socket: string, rootfs: string, clock: Clock) {
    this.#socket = socket;
    // Replaces /var/run by /run, because the link from /var/run to /run would lead out of rootfs.
    this.#inRootfs = join(rootfs, socket.replace(/^\/var\/run\//, "/run/"));
    this.#clock = clock;
  }

  /**
   * Returns the JSON at a path such as `/containers/json`. Rejects with a message, or with Node's error and its `code`.
   */
  async get(path: string, limitMs: number): Promise<unknown> {
    // Imports the HTTP client only on first use, to save megabytes of memory on hosts without an engine.
    const { Agent, get } = await import("node:http");
    const agent = (this.#agent ??= new Agent({ keepAlive: true, maxSockets: 4 }));
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const socketPath = existsSync(this.#socket) || !existsSync(this.#inRootfs) ? this.#socket : this.#inRootfs;
    const request = get(
      { socketPath, path, agent, headers: { host: "docker", accept: "application/json" } },
      (response) => void readJson(response, path).then(resolve, reject),
    );
    const cancel = this.#clock.after(limitMs, () =>
      request.destroy(new Error(`no answer to ${path} within ${limitMs / 1000} s`)),
    );
    request.once("error", reject);
    return promise.finally(cancel);
  }
}

async function readJson(response: IncomingMessage, path: string): Promise<unknown> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_BYTES) throw new Error(`the answer to ${path} is longer than ${MAX_BYTES} bytes`);
    chunks.push(chunk);
  }
  if (response.statusCode !== 200) throw new Error(`status ${response.statusCode} for ${path}`);
  return JSON.parse(Buffer.concat(chunks).toString("utf8")) as unknown;
}
