import { createServer } from "node:http";
import { api } from "../../support/query.ts";
import { onLoopback } from "../../support/loopback.ts";
import type { Load } from "../load.ts";

/**
 * A target that counts its scrapes. Each scrape must be stored once, in order. A scrape that is in progress when the
 * server stops may be missing, since the target does not learn whether it was stored.
 */
export class Scrapes implements Load, AsyncDisposable {
  readonly what = "scrapes of a target";
  readonly role = "server";
  readonly intervalMs = 1000;
  readonly port: number;
  readonly #base: string;
  readonly #listening: AsyncDisposable;
  readonly #count: () => number;

  private constructor(base: string, listening: AsyncDisposable & { port: number }, count: () => number) {
    this.#base = base;
    this.#listening = listening;
    this.port = listening.port;
    this.#count = count;
  }

  /** @param base URL of the server that scrapes the target */
  static async open(base: string): Promise<Scrapes> {
    let count = 0;
    const server = createServer((_, response) => {
      response.writeHead(200, { "content-type": "text/plain; version=0.0.4" });
      response.end(`# TYPE upgrade_scrapes_total counter\nupgrade_scrapes_total ${++count}\n`);
    });
    return new Scrapes(base, await onLoopback(server), () => count);
  }

  get acknowledged(): number {
    return this.#count();
  }

  /** Does nothing, because the server scrapes by itself. */
  change(): Promise<void> {
    return Promise.resolve();
  }

  async problems(restarts: number): Promise<readonly string[]> {
    const served = this.#count();
    const data = await api<{ result: readonly { values: readonly (readonly [number, string])[] }[] }>(
      this.#base,
      "query",
      { query: "upgrade_scrapes_total[1h]" },
    );
    const stored = data.result.flatMap(({ values }) => values.map(([, value]) => Number(value)));
    const disorder = stored.filter((value, i) => i > 0 && value <= stored[i - 1]!);
    const missing = Array.from({ length: served }, (_, i) => i + 1).filter((value) => !stored.includes(value));
    // Allows one missing scrape per restart and one scrape in progress.
    const allowed = restarts + 1;
    return [
      ...(disorder.length > 0 ? [`scrapes ${disorder.slice(0, 3).join(", ")} are there twice or out of order`] : []),
      ...(missing.length > allowed
        ? [`${missing.length} scrapes are missing, with ${restarts} restarts: ${missing.slice(0, 9).join(", ")}`]
        : []),
    ];
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve(this.#listening[Symbol.asyncDispose]());
  }
}
