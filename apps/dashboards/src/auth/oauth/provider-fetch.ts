import { defaultHttpClient } from "@narthex/config";
import { createHttpClient, type HttpClient, limitedBody } from "@narthex/http";
import type { CustomFetch } from "openid-client";
import type { OAuthSettings } from "../../settings/sign-in-settings.ts";

/** Largest answer of a provider, in bytes. */
const MAX_BYTES = 2 * 1024 * 1024;
/** Time in ms for one request to a provider. */
const LIMIT_MS = 10_000;

export interface ProviderFetch {
  readonly fetch: CustomFetch;
  close(): Promise<void>;
}

/** Returns the function with which openid-client sends requests, with the TLS settings of a provider. */
export function providerFetch(settings: OAuthSettings): ProviderFetch {
  let client: Promise<HttpClient> | undefined;
  const open = (): Promise<HttpClient> => {
    client ??= createHttpClient({
      ...defaultHttpClient,
      tls: {
        ...defaultHttpClient.tls,
        caFile: settings.tls_client_ca,
        certFile: settings.tls_client_cert,
        keyFile: settings.tls_client_key,
        insecureSkipVerify: settings.tls_skip_verify_insecure,
      },
      proxyFromEnvironment: true,
      followRedirects: false,
      enableHttp2: false,
    });
    // TLS files that cannot be read now may be readable at the next sign-in.
    client.catch(() => (client = undefined));
    return client;
  };
  return {
    async fetch(url, { method, headers, body }) {
      const opened = await open();
      const answer = await opened.request(url, {
        method: method === "POST" ? "POST" : "GET",
        headers,
        ...(body instanceof URLSearchParams ? { body: body.toString(), bodyHoldsSecret: true } : {}),
        signal: AbortSignal.timeout(LIMIT_MS),
      });
      const text = await limitedBody(answer.body, MAX_BYTES, () => new Error("the answer is longer than 2 MiB"));
      const fields = Object.entries(answer.headers).flatMap(([name, value]) =>
        [value ?? []].flat().map((one): [string, string] => [name, one]),
      );
      const isEmpty = answer.statusCode === 204 || answer.statusCode === 304;
      return new Response(isEmpty ? null : new Uint8Array(text), { status: answer.statusCode, headers: fields });
    },
    async close() {
      await (await client?.catch(() => undefined))?.close();
    },
  };
}
