import { defaultHttpClient } from "@narthex/config";
import { createHttpClient, type HttpClient, limitedBody } from "@narthex/http";
import type { Clock, Logger } from "@narthex/runtime";
import { ToolError } from "./tools/tool.ts";

/** Largest answer of the dashboards role, bytes. */
const MAX_BYTES = 8 * 1024 * 1024;

/**
 * Reads the API of the dashboards role of `--web.sign-in-url` with the credentials of the assistant. Does not follow
 * redirects, because they would send the credentials to another address.
 */
export class DashboardsClient {
  readonly #base: string;
  readonly #options: { readonly clock: Clock; readonly logger: Logger };
  #client: Promise<HttpClient> | undefined;

  /** @param base value of `--web.sign-in-url`; empty if the server knows no dashboards */
  constructor(base: string, options: { readonly clock: Clock; readonly logger: Logger }) {
    this.#base = base.replace(/\/+$/, "");
    this.#options = options;
  }

  /** Sends a GET request to a path below `/api`. Rejects with ToolError if there is no usable answer. */
  async read(path: string, credentials: Readonly<Record<string, string>>, signal: AbortSignal): Promise<unknown> {
    if (this.#base === "")
      throw new ToolError("the server knows no dashboards; it is started with --web.sign-in-url to know them");
    this.#client ??= createHttpClient({ ...defaultHttpClient, followRedirects: false }, this.#options);
    const client = await this.#client;
    const { statusCode, body } = await client.request(`${this.#base}/api${path}`, { headers: credentials, signal });
    const text = await limitedBody(body, MAX_BYTES, () => new ToolError("the answer of the dashboards is too long"));
    if (statusCode !== 200) throw new ToolError(`the dashboards answered with the status ${statusCode}`);
    return JSON.parse(text.toString("utf8")) as unknown;
  }

  async close(): Promise<void> {
    await (await this.#client)?.close();
  }
}
