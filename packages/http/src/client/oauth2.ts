import { readFile } from "node:fs/promises";
import type { HttpClientConfig, OAuth2Config } from "@narthex/config";
import type { HttpClient } from "./http-client.ts";

/** A token is renewed this long before it ends. */
const EARLY_MS = 10_000;

interface TokenAnswer {
  readonly access_token?: string;
  readonly token_type?: string;
  readonly expires_in?: number;
}

/** Tokens by the client-credentials grant, kept until shortly before they end. */
export class OAuth2Tokens {
  readonly #config: OAuth2Config;
  readonly #connect: (config: HttpClientConfig) => Promise<HttpClient>;
  #header = "";
  #validUntil = 0;

  constructor(config: OAuth2Config, connect: (config: HttpClientConfig) => Promise<HttpClient>) {
    this.#config = config;
    this.#connect = connect;
  }

  /** The value of the Authorization header. Throws with the token endpoint's status when there is none. */
  async header(): Promise<string> {
    if (this.#header !== "" && performance.now() < this.#validUntil) return this.#header;
    const answer = await this.#fetch();
    this.#header = `${answer.token_type ?? "Bearer"} ${answer.access_token ?? ""}`;
    this.#validUntil =
      answer.expires_in === undefined ? Infinity : performance.now() + answer.expires_in * 1000 - EARLY_MS;
    return this.#header;
  }

  async #fetch(): Promise<TokenAnswer> {
    const { clientId, clientSecret, clientSecretFile, scopes, tokenUrl, endpointParams } = this.#config;
    const secret =
      clientSecretFile === "" ? (clientSecret?.reveal() ?? "") : (await readFile(clientSecretFile, "utf8")).trim();
    const form = new URLSearchParams({ grant_type: "client_credentials" });
    if (scopes.length > 0) form.set("scope", scopes.join(" "));
    for (const [name, value] of endpointParams) form.set(name, value);
    const client = await this.#connect(this.#clientConfig());
    try {
      const response = await client.request(tokenUrl, {
        method: "POST",
        headers: {
          "content-type": "application/x-www-form-urlencoded",
          authorization: `Basic ${Buffer.from(`${encodeURIComponent(clientId)}:${encodeURIComponent(secret)}`).toString("base64")}`,
        },
        body: form.toString(),
      });
      if (response.statusCode !== 200)
        throw new Error(`oauth2: cannot fetch token: ${response.statusCode}\nResponse: ${await response.body.text()}`);
      return (await response.body.json()) as TokenAnswer;
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
