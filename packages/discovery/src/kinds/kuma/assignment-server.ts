import { formatDuration } from "@narthex/model";
import { AnswerError, statusError } from "../../answers/answer-error.ts";
import { JsonValue } from "../../answers/json-value.ts";
import type { DiscoveryContext } from "../../discoverer.ts";
import { DiscoveryClient } from "../../discovery-client.ts";
import { schemeAndHost, withoutQuery, withPath } from "../../fields/service-url.ts";
import { hostName } from "./host-name.ts";
import type { KumaDiscovery } from "./kuma.ts";

const TYPE_URL = "type.googleapis.com/kuma.observability.v1.MonitoringAssignment";

/** Time in ms for the connection, in addition to the time after which the server answers. */
const CONNECTION_MS = 15_000;

/** A new state of the assignments. */
export interface AssignmentUpdate {
  readonly assignments: readonly JsonValue[];
  readonly version: string;
  readonly nonce: string;
}

/**
 * A control plane that answers when the monitoring assignments have changed. The protocol is xDS as REST with JSON:
 * https://www.envoyproxy.io/docs/envoy/latest/api-docs/xds_protocol#rest-json-polling-subscriptions.
 */
export class AssignmentServer {
  readonly #client: DiscoveryClient;
  readonly #context: DiscoveryContext;
  readonly #url: string;
  readonly #timeoutMs: number;
  readonly #clientId: string;
  #accepted: Pick<AssignmentUpdate, "version" | "nonce"> = { version: "", nonce: "" };

  private constructor(config: KumaDiscovery, context: DiscoveryContext, client: DiscoveryClient, clientId: string) {
    this.#client = client;
    this.#context = context;
    const path = withPath(withoutQuery(config.server), "v3/discovery:monitoringassignments");
    this.#url = `${path}?fetch-timeout=${formatDuration(config.fetchTimeoutMs)}`;
    this.#timeoutMs = config.fetchTimeoutMs + CONNECTION_MS;
    this.#clientId = clientId;
  }

  /** Rejects if the URL of the server has another scheme than HTTP, or if TLS files cannot be read. */
  static async open(config: KumaDiscovery, context: DiscoveryContext): Promise<AssignmentServer> {
    const { scheme } = schemeAndHost(config.server);
    if (scheme !== "http" && scheme !== "https") {
      throw new Error("kuma_sd: invalid xDS server URL protocol. must be either 'http' or 'https'");
    }
    const client = await DiscoveryClient.open(config.httpClient, context);
    return new AssignmentServer(config, context, client, config.clientId || (await hostName()));
  }

  /** Waits for a state other than the accepted one. Returns undefined if the server answers that nothing has changed. */
  async fetch(): Promise<AssignmentUpdate | undefined> {
    const answer = await this.#client.request(this.#url, {
      method: "POST",
      headers: { accept: "application/json", "content-type": "application/json" },
      body: this.#question(),
      timeoutMs: this.#timeoutMs,
    });
    if (answer.status === 304) return undefined;
    if (answer.status !== 200) throw statusError(this.#url, answer, this.#context.clock);
    const json = await JsonValue.parse(answer.text, this.#context.clock);
    const type = inEitherSpelling(json, "typeUrl", "type_url").asText();
    if (type !== TYPE_URL) throw new AnswerError(`received invalid typeURL for Kuma MADS v1 Resource: ${type}`);
    const assignments = json.list("resources");
    for (const assignment of assignments) checkType(assignment);
    return {
      assignments,
      version: inEitherSpelling(json, "versionInfo", "version_info").asText(),
      nonce: json.text("nonce"),
    };
  }

  /** Accepts a state. Following requests wait for another one. */
  accept({ version, nonce }: AssignmentUpdate): void {
    this.#accepted = { version, nonce };
  }

  /** Returns the body of a request. Empty fields are left out. */
  #question(): string {
    const { version, nonce } = this.#accepted;
    return JSON.stringify({
      version_info: version || undefined,
      node: { id: this.#clientId },
      type_url: TYPE_URL,
      response_nonce: nonce || undefined,
    });
  }
}

/** Throws AnswerError if an item of the answer is no assignment. Only the name behind the last slash is compared. */
function checkType(assignment: JsonValue): void {
  const type = assignment.text("@type");
  const name = type.slice(type.lastIndexOf("/") + 1);
  if (`type.googleapis.com/${name}` !== TYPE_URL)
    throw new AnswerError(`a resource of the answer has the type ${JSON.stringify(type)}`);
}

/** Returns a field of a message in protobuf's JSON, which has two spellings of each name. */
export function inEitherSpelling(message: JsonValue, camelCase: string, snakeCase: string): JsonValue {
  const value = message.field(camelCase);
  return value.isNull ? message.field(snakeCase) : value;
}
