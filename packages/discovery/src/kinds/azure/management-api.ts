import { retried } from "@narthex/http";
import { AnswerError } from "../../answers/answer-error.ts";
import { JsonApi, type Query } from "../../answers/json-api.ts";
import type { JsonValue } from "../../answers/json-value.ts";
import { readPages } from "../../answers/pages.ts";
import { type DiscoveryContext, pauseOf } from "../../discoverer.ts";
import { DiscoveryClient, withoutCredentials } from "../../discovery-client.ts";
import type { AzureDiscovery } from "./azure.ts";
import type { AzureCloud } from "./clouds.ts";
import type { ManagementTokens } from "./tokens.ts";

const TIMEOUT_MS = 60_000;

/** As in Azure's own clients. */
const RETRYING = { attempts: 4, pauseMs: 800, maxPauseMs: 60_000 };

/** The Azure Resource Manager; https://learn.microsoft.com/rest/api/azure/. */
export class ManagementApi {
  readonly #context: DiscoveryContext;
  readonly #api: JsonApi;
  readonly #host: string;
  readonly #tokens: ManagementTokens;

  private constructor(client: DiscoveryClient, context: DiscoveryContext, cloud: AzureCloud, tokens: ManagementTokens) {
    const headers = async () => ({ authorization: `Bearer ${await tokens.get()}` });
    this.#api = new JsonApi({ client, context, base: cloud.management, timeoutMs: TIMEOUT_MS, headers });
    this.#context = context;
    this.#host = new URL(cloud.management).hostname;
    this.#tokens = tokens;
  }

  static async open(
    { httpClient }: AzureDiscovery,
    context: DiscoveryContext,
    cloud: AzureCloud,
    tokens: ManagementTokens,
  ): Promise<ManagementApi> {
    const client = await DiscoveryClient.open(withoutCredentials(httpClient), context);
    return new ManagementApi(client, context, cloud, tokens);
  }

  /** Requests a path, and repeats the request while Azure is busy. */
  async get(path: string, query: Query = {}): Promise<JsonValue> {
    try {
      return await retried(pauseOf(this.#context), RETRYING, () => this.#api.get(path, query));
    } catch (error) {
      if (error instanceof AnswerError && error.status === 401) this.#tokens.forget();
      throw error;
    }
  }

  /** Returns all items of a list. */
  list(path: string, apiVersion: string): Promise<readonly JsonValue[]> {
    return readPages(`${path}?api-version=${apiVersion}`, async (cursor) => {
      const page = await this.get(cursor);
      const next = page.text("nextLink");
      return { items: page.list("value"), next: next === "" ? undefined : this.#pathOf(next) };
    });
  }

  /** Returns the path and the query of a link. Refuses other hosts, which must not receive the token. */
  #pathOf(link: string): string {
    const url = URL.canParse(link) ? new URL(link) : undefined;
    if (url?.hostname === this.#host) return `${url.pathname}${url.search}`;
    throw new AnswerError(`the next page is not on ${this.#host}: ${link}`);
  }
}
