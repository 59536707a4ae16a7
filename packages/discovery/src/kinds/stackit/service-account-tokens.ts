import { stackitTokenForm } from "@narthex/http";
import { AnswerError } from "../../answers/answer-error.ts";
import { JsonApi } from "../../answers/json-api.ts";
import type { DiscoveryContext } from "../../discoverer.ts";
import type { DiscoveryClient } from "../../discovery-client.ts";
import { serviceAccountKey } from "./service-account-key.ts";
import type { StackitDiscovery, StackitEnvironment } from "./stackit.ts";

const TOKEN_URL = "https://service-account.api.stackit.cloud/token";
/** Time before its end at which a token is replaced. */
const EARLY_MS = 30_000;
const TIMEOUT_MS = 60_000;

/** Access tokens of a service account. A token is used until shortly before its end. */
export class ServiceAccountTokens {
  readonly #config: StackitDiscovery;
  readonly #api: JsonApi;
  readonly #context: DiscoveryContext;
  readonly #env: StackitEnvironment;
  #token = "";
  /** Monotonic time, ms, at which the token is replaced. */
  #validUntil = 0;

  constructor(config: StackitDiscovery, client: DiscoveryClient, context: DiscoveryContext, env: StackitEnvironment) {
    this.#config = config;
    this.#context = context;
    this.#env = env;
    const base = env["STACKIT_TOKEN_BASEURL"] || TOKEN_URL;
    this.#api = new JsonApi({ client, context, base, timeoutMs: TIMEOUT_MS });
  }

  /** Returns a valid token. Reads the key again for each new token, so that the key can change. */
  async current(): Promise<string> {
    const { clock } = this.#context;
    if (this.#token !== "" && clock.monotonic() < this.#validUntil) return this.#token;
    const key = await serviceAccountKey(this.#config, this.#env);
    const form = stackitTokenForm(key, clock.now());
    const begun = clock.monotonic();
    const { json } = await this.#api.send(
      "",
      {},
      {
        method: "POST",
        headers: { "content-type": "application/x-www-form-urlencoded" },
        body: form.toString(),
        bodyHoldsSecret: true,
        secrets: [form.get("assertion")!],
      },
    );
    const token = json.text("access_token");
    if (token === "") throw new AnswerError("the answer of STACKIT's token service has no access_token");
    this.#token = token;
    this.#validUntil = begun + json.number("expires_in") * 1000 - EARLY_MS;
    return token;
  }

  /** Forgets the token, because the service has refused it. */
  forget(): void {
    this.#token = "";
  }
}
