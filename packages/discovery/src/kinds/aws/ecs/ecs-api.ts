import { callJsonRpcApi, type JsonRpcApi } from "@narthex/http";
import { type Clock, mapWithLimit } from "@narthex/runtime";
import { JsonValue } from "../../../answers/json-value.ts";
import { readPages } from "../../../answers/pages.ts";
import type { AwsSession } from "../aws-access.ts";
import { batches } from "../batches.ts";
import { concurrencyOf } from "../clustered-account.ts";
import type { EcsDiscovery } from "./ecs.ts";

/** Number of ARNs on a page of a list. */
const PAGE_SIZE = 100;

/** A list of descriptions: the operation, with the names of the ARNs in its input and of the list in its answer. */
export interface Description {
  readonly operation: string;
  readonly arns: string;
  readonly list: string;
  /** Maximum number of ARNs in a request. */
  readonly batch: number;
}

/** The API of ECS: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Operations.html. */
export class EcsApi {
  readonly #api: JsonRpcApi;
  readonly #clock: Clock;
  /** Maximum number of requests that one list of clusters, or of batches, sends at the same time. */
  readonly concurrency: number;

  constructor(session: AwsSession, config: EcsDiscovery, clock: Clock) {
    const service = session.service({ name: "ECS", id: "ecs" }, config.endpoint);
    this.#api = { ...service, target: "AmazonEC2ContainerServiceV20141113" };
    this.#clock = clock;
    this.concurrency = concurrencyOf(config);
  }

  async call(operation: string, input: object): Promise<JsonValue> {
    return JsonValue.parse(await callJsonRpcApi(this.#api, operation, input), this.#clock);
  }

  /** Returns all ARNs that an operation lists. */
  list(operation: string, field: string, input: object = {}): Promise<readonly string[]> {
    return readPages("", async (cursor) => {
      const page = await this.call(operation, {
        ...input,
        maxResults: PAGE_SIZE,
        ...(cursor === "" ? {} : { nextToken: cursor }),
      });
      return { items: page.texts(field), next: page.text("nextToken") || undefined };
    });
  }

  /** Returns the descriptions of resources with these ARNs. Resources that do not exist any more are missing. */
  async describe(
    { operation, arns: field, list, batch }: Description,
    arns: readonly string[],
    input: object = {},
  ): Promise<readonly JsonValue[]> {
    const found = await mapWithLimit(batches(arns, batch), this.concurrency, async (some) =>
      (await this.call(operation, { ...input, [field]: some })).list(list),
    );
    return found.flat();
  }
}
