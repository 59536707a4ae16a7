import { STATUS_CODES } from "node:http";
import {
  field,
  type HttpClientConfig,
  httpClientSection,
  inline,
  INVALID,
  millis,
  section,
  url,
} from "@narthex/config";
import { describeFailure, type HttpClient } from "@narthex/http";
import { quote } from "@narthex/model";
import { definePolled } from "./polled.ts";
import type { ProviderContext } from "./provider.ts";
import { groupFromStatic, parseGroups } from "./target-group.ts";

interface HttpDiscovery {
  readonly httpClient: HttpClientConfig;
  readonly refreshIntervalMs: number;
  readonly url: string;
}

/** Answers beyond this size are refused. */
const MAX_BODY_BYTES = 64 * 1024 * 1024;

const codec = section<HttpDiscovery>(
  "http.SDConfig",
  {
    httpClient: inline(httpClientSection({ enableHttp2: true })),
    refreshIntervalMs: field("refresh_interval", millis, 60_000),
    url: field("url", url, ""),
  },
  (value, at, report) => {
    const problem = urlFault(value.url);
    if (problem === undefined) return value;
    report(at.url, "http-sd-url", problem, "write the absolute URL of the list of target groups");
    return INVALID;
  },
);

function urlFault(text: string): string | undefined {
  if (text === "") return "URL is missing";
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(text)?.[1]?.toLowerCase();
  if (scheme !== "http" && scheme !== "https") return "URL scheme must be 'http' or 'https'";
  return /^[a-z]+:\/\/[^/?#]+/i.test(text) ? undefined : "host is missing in URL";
}

/** One client per running provider. */
const clients = new WeakMap<ProviderContext, Promise<HttpClient>>();

/** Target groups as JSON from a URL, asked each refresh_interval. */
export const httpDiscovery = definePolled<HttpDiscovery>({
  key: "http_sd_configs",
  name: "http",
  codec,
  intervalMs: (config) => config.refreshIntervalMs,
  async refresh(config, context) {
    try {
      const groups = parseGroups(await fetchGroups(config, context), config.url);
      return groups.map((group, i) => groupFromStatic(group, `${config.url}:${i}`, { __meta_url: config.url }));
    } catch (error) {
      context.metrics.httpFailures.inc();
      throw error;
    }
  },
});

async function fetchGroups(config: HttpDiscovery, context: ProviderContext): Promise<string> {
  const client = await clientFor(config, context);
  const timeout = new AbortController();
  const cancel = context.clock.after(config.refreshIntervalMs, () =>
    timeout.abort(new DOMException("context deadline exceeded", "TimeoutError")),
  );
  try {
    const signal = AbortSignal.any([timeout.signal, context.signal]);
    const headers = {
      "user-agent": context.userAgent,
      accept: "application/json",
      "x-prometheus-refresh-interval-seconds": String(config.refreshIntervalMs / 1000),
    };
    const response = await client.request(config.url, { headers, signal }).catch((error: unknown) => {
      throw new Error(describeFailure("GET", config.url, error), { cause: error });
    });
    if (response.statusCode !== 200) {
      await response.body.dump();
      throw new Error(`server returned HTTP status ${response.statusCode} ${STATUS_CODES[response.statusCode] ?? ""}`);
    }
    const type = String(response.headers["content-type"] ?? "");
    if (!/^application\/json(?:;\s*charset=("utf-8"|utf-8))?$/i.test(type.trim())) {
      await response.body.dump();
      throw new Error(`unsupported content type ${quote(type)}`);
    }
    const body = await response.body.text();
    if (body.length > MAX_BODY_BYTES) throw new Error(`answer of ${config.url} is longer than ${MAX_BODY_BYTES} bytes`);
    return asJson(body, config.url);
  } finally {
    cancel();
  }
}

/** Refuses what is YAML but no JSON. */
function asJson(body: string, from: string): string {
  try {
    JSON.parse(body);
    return body;
  } catch (cause) {
    throw new Error(`answer of ${from} is not JSON: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
}

function clientFor(config: HttpDiscovery, context: ProviderContext): Promise<HttpClient> {
  let client = clients.get(context);
  if (client === undefined) {
    client = context.connect(config.httpClient);
    clients.set(context, client);
    context.signal.addEventListener("abort", () => void client!.then((made) => made.close()), { once: true });
  }
  return client;
}
