import { createHttpClient, failureReason, type HttpClient, limitedBody } from "@narthex/http";
import { type Clock, type Logger, parseJsonInTurns } from "@narthex/runtime";
import type { RoleAddress } from "./context-config.ts";

/** Longest answer that is read, bytes. */
const MAX_ANSWER = 2 * 1024 * 1024;

export interface ClientTools {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly userAgent: string;
}

/** Error of a request to another role. The message contains neither secrets nor the address. */
class RoleError extends Error {
  override readonly name = "RoleError";
}

/** Requests JSON from one role, with the configured address and credentials only. */
export class RoleClient {
  readonly #base: string;
  readonly #client: HttpClient;
  readonly #tools: ClientTools;

  private constructor(base: string, client: HttpClient, tools: ClientTools) {
    this.#base = base;
    this.#client = client;
    this.#tools = tools;
  }

  static async open({ url, httpConfig }: RoleAddress, tools: ClientTools): Promise<RoleClient> {
    const { clock, logger } = tools;
    return new RoleClient(url, await createHttpClient(httpConfig, { clock, logger }), tools);
  }

  /** Sends a query and returns the JSON of the answer. Rejects with RoleError. */
  async get(path: string, parameters: URLSearchParams, signal: AbortSignal): Promise<unknown> {
    const { clock, userAgent } = this.#tools;
    try {
      const { statusCode, body } = await this.#client.request(`${this.#base}${path}?${parameters.toString()}`, {
        headers: { "user-agent": userAgent, accept: "application/json" },
        signal,
      });
      const bytes = await limitedBody(
        body,
        MAX_ANSWER,
        () => new RoleError(`the answer has more than ${MAX_ANSWER} bytes`),
      );
      if (statusCode !== 200) throw new RoleError(`the answer has the status ${statusCode}`);
      return await parseJsonInTurns(clock, bytes.toString("utf8"));
    } catch (error) {
      if (error instanceof RoleError) throw error;
      if (error instanceof SyntaxError) throw new RoleError("the answer is no JSON", { cause: error });
      throw new RoleError(failureReason(error), { cause: error });
    }
  }

  close(): Promise<void> {
    return this.#client.close();
  }
}
