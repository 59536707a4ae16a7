import { errorText, isUnauthorized, shownText, statusOfAnswer, unauthorized } from "../outgoing/answer-failure.ts";
import type { SourceClient, SourceRequest, SourceResponse } from "../outgoing/source-client.ts";
import type { ApiCall } from "../prometheus/prometheus-api.ts";
import { QueryFailure } from "../query-failure.ts";
import type { InfluxdbSettings } from "./influxdb-settings.ts";

/** Longest query that is sent in an address. */
const MAX_ADDRESS_CHARS = 8000;

/** The HTTP API of InfluxDB. A failed call rejects with QueryFailure. Answers are read completely. */
export class InfluxdbServer {
  readonly #client: SourceClient;
  readonly #settings: InfluxdbSettings;
  readonly #timeoutMs: number;

  constructor(client: SourceClient, settings: InfluxdbSettings, timeoutMs: number) {
    this.#client = client;
    this.#settings = settings;
    this.#timeoutMs = timeoutMs;
  }

  /**
   * Runs a query in InfluxQL.
   * @param policy retention policy; empty for that of the database
   */
  influxql(text: string, policy: string, call: ApiCall): Promise<Uint8Array> {
    const { database, method } = this.#settings;
    const parameters = new URLSearchParams({ epoch: "ms" });
    if (database !== "") parameters.set("db", database);
    if (policy !== "") parameters.set("rp", policy);
    const isLong = text.length > MAX_ADDRESS_CHARS;
    if (method === "GET" && !isLong) {
      parameters.set("q", text);
      return this.#send({ method: "GET", path: "/query", parameters }, call);
    }
    const body = { type: "application/x-www-form-urlencoded", text: String(new URLSearchParams({ q: text })) };
    return this.#send({ method: "POST", path: "/query", parameters, body }, call);
  }

  /** Runs a query in Flux. */
  flux(query: string, call: ApiCall): Promise<Uint8Array> {
    const parameters = new URLSearchParams({ org: this.#settings.organization });
    const dialect = { header: true, delimiter: ",", annotations: ["datatype", "group", "default"] };
    const text = JSON.stringify({ query, type: "flux", dialect });
    const body = { type: "application/json", text };
    return this.#send({ method: "POST", path: "/api/v2/query", parameters, body, accept: "application/csv" }, call);
  }

  close(): Promise<void> {
    return this.#client.close();
  }

  async #send(request: Omit<SourceRequest, "timeoutMs" | "account">, call: ApiCall): Promise<Uint8Array> {
    const response = await this.#client.send(
      { ...request, timeoutMs: this.#timeoutMs, account: call.count },
      call.signal,
    );
    try {
      if (response.status !== 200) throw await refusal(response);
      const pieces: Uint8Array[] = [];
      for await (const piece of response.body) pieces.push(piece);
      return Buffer.concat(pieces);
    } finally {
      response.close();
    }
  }
}

async function refusal(response: SourceResponse): Promise<QueryFailure> {
  const { status, statusText } = response;
  if (isUnauthorized(status)) return unauthorized();
  const message = shownText(messageOf(await errorText(response)));
  return new QueryFailure(
    statusOfAnswer(status),
    message === "" ? `the data source answered ${status} ${statusText}` : `InfluxDB returned error: ${message}`,
  );
}

/** Returns the message of an error: `error` of version 1, `message` of version 2. Empty for other texts. */
function messageOf(text: string): string {
  try {
    const { message, error } = JSON.parse(text) as { readonly message?: unknown; readonly error?: unknown };
    if (typeof message === "string" && message !== "") return message;
    return typeof error === "string" ? error : "";
  } catch {
    return text.startsWith("<") ? "" : text;
  }
}
