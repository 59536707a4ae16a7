import { JsonApi, type Query } from "../../answers/json-api.ts";
import type { JsonValue } from "../../answers/json-value.ts";
import { readPages } from "../../answers/pages.ts";
import type { DiscoveryContext } from "../../discoverer.ts";
import { DiscoveryClient } from "../../discovery-client.ts";
import { secretText } from "../../fields/secret-text.ts";
import type { ScalewayDiscovery } from "./scaleway-section.ts";

const PER_PAGE = 100;

/** Scaleway's API; https://www.scaleway.com/en/developers/api. */
export class ScalewayApi {
  readonly #api: JsonApi;

  private constructor(api: JsonApi) {
    this.#api = api;
  }

  static async open(config: ScalewayDiscovery, context: DiscoveryContext): Promise<ScalewayApi> {
    const client = await DiscoveryClient.open(config.httpClient, context);
    const headers = async () => ({
      "x-auth-token": await secretText(config.secretKey, config.secretKeyFile, "auth token file"),
    });
    const timeoutMs = config.refreshIntervalMs;
    return new ScalewayApi(new JsonApi({ client, context, base: config.apiUrl, timeoutMs, headers }));
  }

  /**
   * Returns all items of a list.
   * @param name field of the answer that contains the items
   */
  list(path: string, name: string, query: Query = {}): Promise<readonly JsonValue[]> {
    let read = 0;
    return readPages("1", async (page) => {
      const { json, headers } = await this.#api.send(path, { ...query, page, per_page: PER_PAGE, page_size: PER_PAGE });
      const items = json.list(name);
      read += items.length;
      const total = Number(headers["x-total-count"] ?? json.number("total_count"));
      const isLast = items.length === 0 || read >= total;
      return { items, next: isLast ? undefined : String(Number(page) + 1) };
    });
  }
}
