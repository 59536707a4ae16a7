import {
  field,
  type HttpClientConfig,
  httpClientSection,
  inline,
  INVALID,
  millis,
  section,
  url,
  withoutPassword,
} from "@narthex/config";
import { quote } from "@narthex/model";
import { definePolled } from "./polled-discoverer.ts";
import { DiscoveryClient, statusText } from "./discovery-client.ts";
import { groupsOfJson } from "./json-groups.ts";
import { groupFromStatic } from "./target-group.ts";

interface HttpDiscovery {
  readonly httpClient: HttpClientConfig;
  readonly refreshIntervalMs: number;
  readonly url: string;
}

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

/** Target groups as JSON from a URL, asked each refresh_interval. */
export const httpDiscoverer = definePolled<HttpDiscovery>({
  key: "http_sd_configs",
  name: "http",
  codec,
  intervalMs: (config) => config.refreshIntervalMs,
  async open(config, context) {
    const client = await DiscoveryClient.open(config.httpClient, context);
    const from = withoutPassword(config.url);
    return async () => {
      try {
        const groups = groupsOfJson(await fetchGroups(config, client));
        return groups.map((group, i) => groupFromStatic(group, `${from}:${i}`, { __meta_url: from }));
      } catch (error) {
        context.metrics.httpFailures.inc();
        throw error;
      }
    };
  },
});

async function fetchGroups(config: HttpDiscovery, client: DiscoveryClient): Promise<unknown> {
  const headers = {
    accept: "application/json",
    "x-prometheus-refresh-interval-seconds": String(config.refreshIntervalMs / 1000),
  };
  const answer = await client.request(config.url, { headers, timeoutMs: config.refreshIntervalMs });
  if (answer.status !== 200) throw new Error(`server returned HTTP status ${statusText(answer.status)}`);
  const type = String(answer.headers["content-type"] ?? "");
  if (!/^application\/json(?:;\s*charset=("utf-8"|utf-8))?$/i.test(type.trim())) {
    throw new Error(`unsupported content type ${quote(type)}`);
  }
  return asJson(answer.text, withoutPassword(config.url));
}

function asJson(body: string, from: string): unknown {
  try {
    return JSON.parse(body);
  } catch (cause) {
    throw new Error(`answer of ${from} is not JSON: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
}
