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
import { type Clock, errorText, parseJsonInTurns, runInTimeSlices, type Steps } from "@narthex/runtime";
import { definePolled } from "../../polled-discoverer.ts";
import { DiscoveryClient, isJsonType, statusText } from "../../discovery-client.ts";
import { GROUPS_PER_STEP, readingGroups } from "../../json-groups.ts";
import { httpUrlProblem } from "../../fields/service-url.ts";
import { groupFromStatic, type TargetGroup } from "../../target-group.ts";
import { httpMetrics } from "./http-metrics.ts";

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
    const problem = httpUrlProblem(value.url);
    if (problem === undefined) return value;
    report(at.url, "http-sd-url", problem, "write the absolute URL of the list of target groups");
    return INVALID;
  },
);

/** Finds targets in the JSON at a URL. Requests the URL each refresh_interval. */
export const httpDiscoverer = definePolled<HttpDiscovery>({
  key: "http_sd_configs",
  name: "http",
  metrics: httpMetrics,
  dialer: "http",
  codec,
  intervalMs: (config) => config.refreshIntervalMs,
  async open(config, context) {
    const client = await DiscoveryClient.open(config.httpClient, context);
    const from = withoutPassword(config.url);
    return async () => {
      try {
        const listed = await fetchGroups(config, client, context.clock);
        return await runInTimeSlices(context.clock, targetGroups(listed, from));
      } catch (error) {
        httpMetrics.of(context.metrics).failures.inc();
        throw error;
      }
    };
  },
});

function* targetGroups(listed: unknown, from: string): Steps<readonly TargetGroup[]> {
  const groups: TargetGroup[] = [];
  for (const [i, group] of (yield* readingGroups(listed)).entries()) {
    groups.push(groupFromStatic(group, `${from}:${i}`, { __meta_url: from }));
    if (i % GROUPS_PER_STEP === GROUPS_PER_STEP - 1) yield;
  }
  return groups;
}

async function fetchGroups(config: HttpDiscovery, client: DiscoveryClient, clock: Clock): Promise<unknown> {
  const headers = {
    accept: "application/json",
    "x-prometheus-refresh-interval-seconds": String(config.refreshIntervalMs / 1000),
  };
  const answer = await client.request(config.url, { headers, timeoutMs: config.refreshIntervalMs });
  if (answer.status !== 200) throw new Error(`server returned HTTP status ${statusText(answer.status)}`);
  const type = String(answer.headers["content-type"] ?? "");
  if (!isJsonType(type)) throw new Error(`unsupported content type ${quote(type)}`);
  try {
    return await parseJsonInTurns(clock, answer.text);
  } catch (cause) {
    const reason = errorText(cause);
    throw new Error(`answer of ${withoutPassword(config.url)} is not JSON: ${reason}`, { cause });
  }
}
