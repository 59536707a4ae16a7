import { isOverload, ociHost, type OciKey, ociSigner, retried, ServiceError } from "@narthex/http";
import { AnswerError, failureOf } from "../../answers/answer-error.ts";
import { type JsonAnswer, JsonApi, type Query } from "../../answers/json-api.ts";
import type { JsonValue } from "../../answers/json-value.ts";
import { readPages } from "../../answers/pages.ts";
import { type DiscoveryContext, pauseOf } from "../../discoverer.ts";
import type { DiscoveryClient } from "../../discovery-client.ts";
import type { OciIdentity } from "./identity.ts";
import type { OciAccess } from "./oci.ts";
import { RequestPace } from "./request-pace.ts";

const API_VERSION = "20160918";
const TIMEOUT_MS = 60_000;
const PAGE_SIZE = 100;
const REQUESTS_PER_SECOND = 10;
const UNAUTHORIZED = 401;

/** As in Oracle's clients: overload and failures of the connection pass. */
const RETRYING = {
  attempts: 8,
  pauseMs: 1000,
  maxPauseMs: 30_000,
  isTransient: (error: unknown): boolean => !(error instanceof ServiceError) || isOverload(error),
};

/** The APIs of Oracle Cloud that discovery needs. */
export class OciApi {
  readonly #context: DiscoveryContext;
  readonly #pace: RequestPace;
  readonly #compute: JsonApi;
  readonly #identity: JsonApi;

  constructor(client: DiscoveryClient, context: DiscoveryContext, access: OciAccess, identity: OciIdentity) {
    const sign = ociSigner(
      () => keyOf(identity),
      () => context.clock.now(),
    );
    const api = (service: string, infix = ""): JsonApi => {
      const base = `https://${ociHost(service, identity.region, access.env, infix)}/${API_VERSION}`;
      return new JsonApi({
        client,
        context,
        base,
        timeoutMs: TIMEOUT_MS,
        headers: ({ method, url, body }) => sign({ method, url: new URL(url), headers: {}, body }),
      });
    };
    this.#context = context;
    this.#pace = new RequestPace(access.requestsPerSecond ?? REQUESTS_PER_SECOND, context);
    this.#compute = api("iaas");
    this.#identity = api("identity", "oci.");
  }

  /** Returns the compartments in a compartment; https://docs.oracle.com/en-us/iaas/api/#/en/identity/20160918/Compartment/ListCompartments. */
  compartments(compartmentId: string): Promise<readonly JsonValue[]> {
    return this.#list(this.#identity, "/compartments", {
      compartmentId,
      accessLevel: "ACCESSIBLE",
      compartmentIdInSubtree: "false",
    });
  }

  /** Returns the instances in a compartment; https://docs.oracle.com/en-us/iaas/api/#/en/iaas/20160918/Instance/ListInstances. */
  instances(compartmentId: string): Promise<readonly JsonValue[]> {
    return this.#list(this.#compute, "/instances", { compartmentId });
  }

  /** Returns the connections of an instance with virtual network cards. */
  vnicAttachments(compartmentId: string, instanceId: string): Promise<readonly JsonValue[]> {
    return this.#list(this.#compute, "/vnicAttachments", { compartmentId, instanceId });
  }

  /** Returns a virtual network card. */
  async vnic(id: string): Promise<JsonValue> {
    return (await this.#get(this.#compute, `/vnics/${encodeURIComponent(id)}`, {})).json;
  }

  #list(api: JsonApi, path: string, query: Query): Promise<readonly JsonValue[]> {
    return readPages("", async (cursor) => {
      const answer = await this.#get(api, path, { ...query, limit: PAGE_SIZE, page: cursor || undefined });
      const next = answer.headers["opc-next-page"];
      return { items: answer.json.items(), next: typeof next === "string" && next !== "" ? next : undefined };
    });
  }

  async #get(api: JsonApi, path: string, query: Query): Promise<JsonAnswer> {
    await this.#pace.next();
    return retried(pauseOf(this.#context), RETRYING, () => api.send(path, query));
  }
}

/** Returns the key for a request. A missing key is no reason to repeat the request. */
async function keyOf(identity: OciIdentity): Promise<OciKey> {
  try {
    return await identity.key();
  } catch (cause) {
    const { message, retryAfterMs } = failureOf("could not sign a request to Oracle Cloud", cause);
    throw new AnswerError(message, { status: UNAUTHORIZED, retryAfterMs, cause });
  }
}
