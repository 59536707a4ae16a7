import { defaultHttpClient, type TlsConfig } from "@narthex/config";
import { createHttpClient, type HttpClient, limitedBody } from "@narthex/http";
import type { CustomFetch } from "openid-client";

/** Maximum size of a provider's response, in bytes. */
const MAX_BYTES = 2 * 1024 * 1024;
/** Time limit in ms for one request to a provider. */
const LIMIT_MS = 10_000;

export interface ProviderFetch {
  readonly fetch: CustomFetch;
  close(): Promise<void>;
}

/** Returns the fetch function with which libraries send requests to an OAuth provider. */
export function providerFetch(tls: TlsConfig): ProviderFetch {
  let client: Promise<HttpClient> | undefined;
  const open = (): Promise<HttpClient> => {
    client ??= createHttpClient({
      ...defaultHttpClient,
      tls,
      proxyFromEnvironment: true,
      followRedirects: false,
      enableHttp2: false,
    });
    // Discards a client that could not be opened. The next sign-in tries again, because the TLS files may then be
    // readable.
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
        ...(typeof body === "string" ? { body } : {}),
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
