import type { INetworkModule, NetworkRequestOptions } from "@azure/msal-node";
import type { CloudAnswer, CloudTransport } from "../client/cloud-transport.ts";

const TIMEOUT_MS = 30_000;

/**
 * Returns a network for Microsoft's authentication library, which itself knows neither proxies nor time limits.
 * @param failed receives the error of a failed request, because the library hides it
 */
export function azureNetwork(send: CloudTransport, failed: (error: unknown) => void): INetworkModule {
  const ask = async <T>(
    method: "GET" | "POST",
    url: string,
    { headers = {}, body }: NetworkRequestOptions = {},
  ): Promise<{ headers: Record<string, string>; body: T; status: number }> => {
    try {
      const sent = method === "POST" ? { body: body ?? "", bodyHoldsSecret: true } : {};
      const answer = await send(url, { method, headers, ...sent, timeoutMs: TIMEOUT_MS });
      return {
        status: answer.status,
        headers: Object.fromEntries(Object.entries(answer.headers).map(([name, value]) => [name, String(value)])),
        body: read(url, answer) as T,
      };
    } catch (error) {
      failed(error);
      throw error;
    }
  };
  return {
    sendGetRequestAsync: (url, options) => ask("GET", url, options),
    sendPostRequestAsync: (url, options) => ask("POST", url, options),
  };
}

function read(url: string, { status, text }: CloudAnswer): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error(`${new URL(url).host} answered with HTTP status ${status}, but not with JSON`, { cause });
  }
}
