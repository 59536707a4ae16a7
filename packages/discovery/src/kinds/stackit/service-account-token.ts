import { RenewedValue, stackitTokenForm } from "@narthex/http";
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

/**
 * Returns the access token of a service account, which is used until shortly before its end. The key is read again for
 * each new token, so that the key can change.
 */
export function serviceAccountToken(
  config: StackitDiscovery,
  client: DiscoveryClient,
  context: DiscoveryContext,
  env: StackitEnvironment,
): RenewedValue<string> {
  const { clock } = context;
  const base = env["STACKIT_TOKEN_BASEURL"] || TOKEN_URL;
  const api = new JsonApi({ client, context, base, timeoutMs: TIMEOUT_MS });
  const now = (): number => clock.monotonic();
  return new RenewedValue(async () => {
    const form = stackitTokenForm(await serviceAccountKey(config, env), clock.now());
    const begun = now();
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const request = { method: "POST", headers, body: form.toString(), bodyHoldsSecret: true } as const;
    const { json } = await api.send("", {}, request);
    const value = json.text("access_token");
    if (value === "") throw new AnswerError("the answer of STACKIT's token service has no access_token");
    return { value, validUntil: begun + json.number("expires_in") * 1000 - EARLY_MS };
  }, now);
}
