import { readFile } from "node:fs/promises";
import { STATUS_CODES } from "node:http";
import type { HttpClientConfig, OAuth2Config } from "@narthex/config";
import { type Clock, shortened, systemClock } from "@narthex/runtime";
import { beginningOf } from "./limited-body.ts";
import { describeFailure, unreadableFile } from "./failure.ts";
import type { HttpClient } from "./http-client.ts";
import { withoutSecrets } from "./secrets-in-answers.ts";

/** Time in ms before its expiry at which a token is renewed. */
const EARLY_MS = 10_000;
/** Time limit in ms for the answer of a token server. */
const FETCH_MS = 30_000;
/** Maximum size of a token server's answer in bytes, as in Go. */
const MAX_ANSWER_BYTES = 1024 * 1024;

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

interface Token {
  readonly type: string;
  readonly text: string;
  /** Lifetime of the token in seconds, or undefined if it is unlimited. */
  readonly seconds: number | undefined;
}

type TokenResponse = Readonly<Record<string, unknown>>;

/**
 * Gets access tokens by the OAuth 2.0 client-credentials grant. The tokens are cached until shortly before they expire.
 * Concurrent requests share one fetch.
 */
export class OAuth2Tokens {
  readonly #config: OAuth2Config;
  readonly #connect: (config: HttpClientConfig) => Promise<HttpClient>;
  /**
   * Part of a request in which the token server accepts the client's name and secret. Undefined before the first
   * successful fetch.
   */
  #style: "header" | "form" | undefined;
  readonly #clock: Clock;
  /** Client secret of the cached token, or of the running token fetch. */
  #secret: string | undefined;
  /** Number of started reads of the secret. #lastRead is the number of the newest read that has ended. */
  #reads = 0;
  #lastRead = 0;
  #header = "";
  #validUntil = 0;
  /** Result of the running request for a token. */
  #fetching: Promise<string> | undefined;

  constructor(
    config: OAuth2Config,
    connect: (config: HttpClientConfig) => Promise<HttpClient>,
    clock: Clock = systemClock,
  ) {
    this.#config = config;
    this.#connect = connect;
    this.#clock = clock;
  }

  /**
   * Returns the value of the Authorization header. Reads a secret in a file for each request; a changed secret
   * invalidates the token. Throws Go's error if the token server issues no token.
   */
  async header(userAgent = ""): Promise<string> {
    const { clientSecret, clientSecretFile } = this.#config;
    const read = ++this.#reads;
    const secret = clientSecretFile === "" ? (clientSecret?.reveal() ?? "") : await readSecret(clientSecretFile);
    // Ignores the result of an older read, because reads may end in a different order than they began.
    if (secret !== this.#secret && read > this.#lastRead) {
      this.#secret = secret;
      this.#header = "";
      this.#fetching = undefined;
    }
    this.#lastRead = Math.max(this.#lastRead, read);
    if (this.#header !== "" && this.#clock.monotonic() < this.#validUntil) return this.#header;
    return (this.#fetching ??= this.#startRenewal(userAgent, this.#secret ?? secret));
  }

  #startRenewal(userAgent: string, secret: string): Promise<string> {
    const renewal = this.#renew(userAgent, secret).finally(() => {
      if (this.#fetching === renewal) this.#fetching = undefined;
    });
    return renewal;
  }

  async #renew(userAgent: string, secret: string): Promise<string> {
    const deadline = new AbortController();
    const cancel = this.#clock.after(FETCH_MS, () =>
      deadline.abort(new DOMException("the token server is silent", "TimeoutError")),
    );
    try {
      const token = await this.#fetch(userAgent, secret, deadline.signal);
      const header = `${token.type} ${token.text}`;
      if (secret !== this.#secret) return header;
      this.#header = header;
      this.#validUntil =
        token.seconds === undefined ? Infinity : this.#clock.monotonic() + token.seconds * 1000 - EARLY_MS;
      return header;
    } finally {
      cancel();
    }
  }

  async #fetch(userAgent: string, secret: string, signal: AbortSignal): Promise<Token> {
    const { clientId, scopes, tokenUrl, endpointParams } = this.#config;
    const form = new URLSearchParams({ grant_type: "client_credentials" });
    if (scopes.length > 0) form.set("scope", scopes.join(" "));
    for (const [name, value] of endpointParams) form.set(name, value);
    const client = await this.#connect(this.#clientConfig());
    const send = async (headers: Record<string, string>): Promise<Answer> => {
      const all = { "content-type": "application/x-www-form-urlencoded", ...headers };
      if (userAgent !== "") Object.assign(all, { "user-agent": userAgent });
      try {
        const {
          statusCode,
          headers: fields,
          body,
        } = await client.request(tokenUrl, {
          method: "POST",
          headers: all,
          body: form.toString(),
          bodyHoldsSecret: true,
          signal,
        });
        return {
          status: statusCode,
          type: String(fields["content-type"] ?? ""),
          text: await beginningOf(body, MAX_ANSWER_BYTES),
        };
      } catch (error) {
        throw new Error(describeFailure("POST", tokenUrl, error), { cause: error });
      }
    };
    try {
      const basic = Buffer.from(`${formEncoded(clientId)}:${formEncoded(secret)}`).toString("base64");
      if (this.#style !== "form") {
        try {
          const token = readToken(await send({ authorization: `Basic ${basic}` }), [secret, basic]);
          this.#style = "header";
          return token;
        } catch (error) {
          if (this.#style === "header") throw error;
        }
      }
      // Sends the client's name and secret in the form, because some servers accept them only in the form.
      form.set("client_id", clientId);
      if (secret !== "") form.set("client_secret", secret);
      const token = readToken(await send({}), [secret]);
      this.#style = "form";
      return token;
    } finally {
      await client.close();
    }
  }

  #clientConfig(): HttpClientConfig {
    const { tls, proxyUrl, noProxy, proxyFromEnvironment, proxyConnectHeader } = this.#config;
    return {
      tls,
      proxyUrl,
      noProxy,
      proxyFromEnvironment,
      proxyConnectHeader,
      basicAuth: undefined,
      authorization: undefined,
      oauth2: undefined,
      followRedirects: true,
      enableHttp2: true,
      httpHeaders: new Map(),
    };
  }
}

/** Encodes a text as in a form. RFC 6749 requires this for the client's name and secret. */
const formEncoded = (text: string): string => new URLSearchParams({ "": text }).toString().slice(1);

async function readSecret(path: string): Promise<string> {
  try {
    return (await readFile(path, "utf8")).trim();
  } catch (error) {
    throw unreadableFile("oauth2 client secret", path, error);
  }
}

/**
 * Reads the token from the token server's answer. Throws Go's error for an answer without a token, but without the
 * secrets of the request, and shortened.
 */
function readToken({ status, type, text }: Answer, secrets: readonly string[]): Token {
  const good = status >= 200 && status <= 299;
  const response = readAnswer(type, text, good);
  const code = textOf(response["error"]);
  if (!good || code !== "") throw new Error(shortened(withoutSecrets(refusal(status, code, response, text), secrets)));
  const token = textOf(response["access_token"]);
  if (token === "") throw new Error("oauth2: server response missing access_token");
  const seconds = Number(response["expires_in"] ?? 0);
  return { type: tokenType(textOf(response["token_type"])), text: token, seconds: seconds > 0 ? seconds : undefined };
}

function readAnswer(type: string, text: string, good: boolean): TokenResponse {
  if (/^(?:application\/x-www-form-urlencoded|text\/plain)\b/i.test(type)) {
    return Object.fromEntries(new URLSearchParams(text));
  }
  try {
    return JSON.parse(text) as TokenResponse;
  } catch (error) {
    if (!good) return {};
    const torn = /unexpected end|unterminated/i.test((error as Error).message);
    throw new Error(`oauth2: cannot parse json: ${torn ? "unexpected end of JSON input" : (error as Error).message}`, {
      cause: error,
    });
  }
}

function refusal(status: number, code: string, response: TokenResponse, text: string): string {
  if (code === "") {
    const phrase = STATUS_CODES[status];
    const line = phrase === undefined ? String(status) : `${status} ${phrase}`;
    return `oauth2: cannot fetch token: ${line}\nResponse: ${text}`;
  }
  const [description, uri] = [textOf(response["error_description"]), textOf(response["error_uri"])];
  const more = `${description === "" ? "" : ` ${JSON.stringify(description)}`}${uri === "" ? "" : ` ${JSON.stringify(uri)}`}`;
  return `oauth2: ${JSON.stringify(code)}${more}`;
}

const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

/** Returns the authentication scheme for a token type, such as "Bearer", in the spelling for requests. */
function tokenType(type: string): string {
  const known = new Map([
    ["", "Bearer"],
    ["bearer", "Bearer"],
    ["mac", "MAC"],
    ["basic", "Basic"],
  ]);
  return known.get(type.toLowerCase()) ?? type;
}
