import type { DataSourceSettings } from "../data-source.ts";
import type { DataSourceEnvironment } from "../environment.ts";
import { numberAt, textAt } from "../json-values.ts";
import { isUnauthorized, statusOfAnswer, unauthorized } from "../outgoing/answer-failure.ts";
import { SourceClient } from "../outgoing/source-client.ts";
import { QueryFailure } from "../query-failure.ts";
import { secretOf } from "../source-secret.ts";
import type { InfinityTarget } from "./infinity-target.ts";
import { PermittedUrls } from "./permitted-urls.ts";

const DEFAULT_TIMEOUT_S = 60;
/** Longest delay of a timer, s. */
const MAX_TIMEOUT_S = 2_147_483;
/**
 * Largest size of a document in bytes. A parsed document takes many times as much memory, so the limit is smaller than
 * that of other sources.
 */
const MAX_DOCUMENT_BYTES = 16 * 1024 * 1024;
/** Largest number of secret parameters and headers of a source. */
const MAX_SECRETS = 100;
/** Headers that this program writes itself, or that concern the connection. */
const OWN_HEADERS =
  /^(?:host|connection|content-length|content-type|transfer-encoding|te|trailer|upgrade|expect|keep-alive|proxy-.*|cookie|user-agent|accept-encoding|x-forwarded-.*)$/i;
const HEADER_NAME = /^[\w!#$%&'*+.^`|~-]{1,200}$/;

interface DocumentCall {
  readonly signal: AbortSignal;
  readonly count?: (bytes: number) => void;
}

/** Requests the documents of a source. Its credentials are only sent to its own URL and its allowed hosts. */
export class InfinityClient {
  readonly #settings: DataSourceSettings;
  readonly #environment: DataSourceEnvironment;
  readonly #urls: PermittedUrls;
  /** Clients by origin. Only permitted origins have one, so that their number is limited. */
  readonly #clients = new Map<string, SourceClient>();
  readonly #timeoutMs: number;
  readonly #secretParameters: string;

  /** Throws QueryFailure if the settings are invalid or not supported. */
  constructor(settings: DataSourceSettings, environment: DataSourceEnvironment) {
    this.#urls = new PermittedUrls(settings);
    this.#settings = signedSettings(settings);
    const { maxAnswerBytes = MAX_DOCUMENT_BYTES } = environment;
    this.#environment = { ...environment, maxAnswerBytes: Math.min(maxAnswerBytes, MAX_DOCUMENT_BYTES) };
    const { jsonData } = settings;
    const seconds = numberAt(jsonData, "timeoutInSeconds") ?? numberAt(jsonData, "timeout") ?? DEFAULT_TIMEOUT_S;
    this.#timeoutMs = 1000 * Math.min(MAX_TIMEOUT_S, seconds > 0 ? seconds : DEFAULT_TIMEOUT_S);
    this.#secretParameters = secretParameters(settings);
    if (this.#urls.base !== undefined) this.#clientFor(this.#urls.base);
  }

  get base(): URL | undefined {
    return this.#urls.base;
  }

  /** Resolves with the text of a document. Throws QueryFailure. */
  async document(target: InfinityTarget, { signal, count }: DocumentCall): Promise<string> {
    const url = this.#urls.resolve(target.url);
    const parameters = new URLSearchParams(url.searchParams);
    for (const [name, value] of target.parameters) parameters.append(name, value);
    const { method, body } = target;
    const request = {
      method,
      path: url.pathname,
      parameters,
      headers: this.#headersOf(target),
      accept: "*/*",
    } as const;
    const client = this.#clientFor(url);
    const checkRedirect = (to: URL): void => {
      // The message does not contain the address, which everybody who queries the source would see.
      if (!this.#urls.permits(to))
        throw new QueryFailure(
          403,
          "the data source redirects to a URL that is not below its URL or its allowed hosts",
        );
    };
    const more = { timeoutMs: this.#timeoutMs, account: count, checkRedirect };
    const sent = { ...request, ...(body !== undefined && { body }), ...more };
    const response = await client.send(sent, signal);
    try {
      if (isUnauthorized(response.status)) throw unauthorized();
      if (response.status < 200 || response.status > 299)
        throw new QueryFailure(
          statusOfAnswer(response.status),
          `the data source answered ${response.status} ${response.statusText}`,
        );
      const pieces: Uint8Array[] = [];
      for await (const piece of response.body) pieces.push(Uint8Array.from(piece));
      return new TextDecoder().decode(Buffer.concat(pieces));
    } finally {
      response.close();
    }
  }

  /** Returns the headers of a target, without those of the source and of the connection. */
  #headersOf({ headers, type }: InfinityTarget): Readonly<Record<string, string>> {
    const { jsonData, basicAuth, secureJsonData } = this.#settings;
    const own = new Set(
      Object.entries(jsonData)
        .filter(([key, value]) => key.startsWith("httpHeaderName") && typeof value === "string")
        .map(([, value]) => String(value).toLowerCase()),
    );
    if (basicAuth || Object.hasOwn(secureJsonData, "bearerToken")) own.add("authorization");
    const kept = headers.filter(
      ([name, value]) =>
        HEADER_NAME.test(name) && !/[\r\n\0]/.test(value) && !OWN_HEADERS.test(name) && !own.has(name.toLowerCase()),
    );
    const accept = type === "json" ? {} : { Accept: "*/*" };
    return { ...accept, ...Object.fromEntries(kept) };
  }

  #clientFor({ origin }: URL): SourceClient {
    let client = this.#clients.get(origin);
    if (client === undefined) {
      client = new SourceClient({ ...this.#settings, url: origin }, this.#environment, this.#secretParameters);
      this.#clients.set(origin, client);
    }
    return client;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#clients.values()].map((client) => client.close()));
  }
}

/** Returns the settings with the credentials as other kinds of sources have them. Throws QueryFailure. */
function signedSettings(settings: DataSourceSettings): DataSourceSettings {
  const { jsonData, secureJsonData } = settings;
  const method = textAt(jsonData, "auth_method") || (settings.basicAuth ? "basicAuth" : "none");
  const { bearerToken: _token, ...others } = secureJsonData;
  switch (method) {
    case "none":
      return { ...settings, basicAuth: false, secureJsonData: others };
    case "basicAuth":
      return { ...settings, basicAuth: true, secureJsonData: others };
    case "bearerToken":
      return { ...settings, basicAuth: false };
    case "apiKey": {
      const unsigned = { ...settings, basicAuth: false, secureJsonData: others };
      if (textAt(jsonData, "apiKeyType") === "query") return unsigned;
      let at = 1;
      while (Object.hasOwn(jsonData, `httpHeaderName${at}`)) at++;
      return {
        ...unsigned,
        jsonData: { ...jsonData, [`httpHeaderName${at}`]: textAt(jsonData, "apiKeyKey") },
        secureJsonData: { ...others, [`httpHeaderValue${at}`]: secretOf(settings, "apiKeyValue") },
      };
    }
    default:
      throw new QueryFailure(
        400,
        `data source "${settings.name}" signs in with "${method}", which is not supported; use basicAuth, bearerToken or apiKey`,
      );
  }
}

/** Returns the parameters with secrets, which each request has. */
function secretParameters(settings: DataSourceSettings): string {
  const { jsonData } = settings;
  const parameters = new URLSearchParams();
  for (let at = 1; at <= MAX_SECRETS; at++) {
    const name = textAt(jsonData, `secureQueryName${at}`);
    if (name !== "") parameters.set(name, secretOf(settings, `secureQueryValue${at}`));
  }
  if (textAt(jsonData, "auth_method") === "apiKey" && textAt(jsonData, "apiKeyType") === "query")
    parameters.set(textAt(jsonData, "apiKeyKey"), secretOf(settings, "apiKeyValue"));
  return String(parameters);
}
