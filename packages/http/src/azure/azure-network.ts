import type { INetworkModule, NetworkRequestOptions } from "@azure/msal-node";

/** Sends a request for a token, and reads the whole answer, whatever its status is. */
export type AzureTransport = (
  url: string,
  request: {
    readonly method: "GET" | "POST";
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: string;
  },
) => Promise<{
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}>;

/** Returns a network for Microsoft's authentication library, which itself knows neither proxies nor time limits. */
export function azureNetwork(send: AzureTransport): INetworkModule {
  const ask = async <T>(
    method: "GET" | "POST",
    url: string,
    { headers = {}, body }: NetworkRequestOptions = {},
  ): Promise<{ headers: Record<string, string>; body: T; status: number }> => {
    const answer = await send(url, { method, headers, ...(method === "POST" && { body: body ?? "" }) });
    return {
      status: answer.status,
      headers: Object.fromEntries(Object.entries(answer.headers).map(([name, value]) => [name, String(value)])),
      body: read(url, answer) as T,
    };
  };
  return {
    sendGetRequestAsync: (url, options) => ask("GET", url, options),
    sendPostRequestAsync: (url, options) => ask("POST", url, options),
  };
}

function read(url: string, { status, text }: { readonly status: number; readonly text: string }): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error(`${new URL(url).host} answered with HTTP status ${status}, but not with JSON`, { cause });
  }
}
