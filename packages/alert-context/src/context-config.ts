import {
  defaultHttpClient,
  field,
  type HttpClientConfig,
  httpClientSection,
  INVALID,
  listOf,
  millis,
  oneOf,
  optional,
  type Section,
  section,
  text,
  url,
} from "@narthex/config";
import { knownTimeZone } from "@narthex/dashboards/time";

/** Address and HTTP settings of another role. */
export interface RoleAddress {
  /** Base URL without a slash at its end. */
  readonly url: string;
  readonly httpConfig: HttpClientConfig;
}

/** Settings of the contexts of notifications. */
export interface ContextConfig {
  /** Server that evaluates the expressions of alerts. Without it, notifications have no pictures. */
  readonly server: RoleAddress | undefined;
  /** Dashboards with the annotations of deployments. Without it, notifications list no deployments. */
  readonly dashboards: RoleAddress | undefined;
  /** Tags of annotations that are deployments. An annotation needs one of them. */
  readonly deploymentTags: readonly string[];
  /** Time before a notification that the picture and the list of deployments show, ms. */
  readonly rangeMs: number;
  /** Time for which a notification waits for its context, ms. */
  readonly timeoutMs: number;
  /** Time zone of the picture and of the lines. */
  readonly timeZone: string;
  readonly theme: "light" | "dark";
}

const MAX_TIMEOUT_MS = 10_000;
const [MIN_RANGE_MS, MAX_RANGE_MS] = [60_000, 7 * 86_400_000];
const MAX_TAGS = 20;

const addressSection = section<{ url: string; httpConfig: HttpClientConfig | undefined }, RoleAddress>(
  "context.address",
  { url: field("url", url, ""), httpConfig: optional("http_config", httpClientSection({ enableHttp2: true })) },
  (value, at, report) => {
    const given = URL.parse(value.url);
    if (given === null || !/^https?:$/.test(given.protocol)) {
      report(at.url, "bad-url", "url is missing or is no HTTP address", "write an address such as http://server:9090");
      return INVALID;
    }
    const base = value.url.endsWith("/") ? value.url.slice(0, -1) : value.url;
    return { url: base, httpConfig: value.httpConfig ?? defaultHttpClient };
  },
);

/** Format of the file that `--notification.context-file` names. */
export const contextSection: Section<ContextConfig> = section<ContextConfig>(
  "context.config",
  {
    server: optional("server", addressSection),
    dashboards: optional("dashboards", addressSection),
    deploymentTags: field("deployment_tags", listOf(text), ["deployment"]),
    rangeMs: field("range", millis, 3_600_000),
    timeoutMs: field("timeout", millis, 3000),
    timeZone: field("time_zone", text, "UTC"),
    theme: field(
      "theme",
      oneOf(["light", "dark"] as const, (found) => `unknown theme ${JSON.stringify(found)}`),
      "light",
    ),
  },
  (value, at, report) => {
    const { rangeMs, timeoutMs, deploymentTags, timeZone } = value;
    if (rangeMs < MIN_RANGE_MS || rangeMs > MAX_RANGE_MS)
      report(at.rangeMs, "bad-range", "range must be from 1m to 7d", "write a range such as 1h");
    if (timeoutMs < 100 || timeoutMs > MAX_TIMEOUT_MS)
      report(at.timeoutMs, "bad-timeout", "timeout must be from 100ms to 10s", "leave it out for 3s");
    if (deploymentTags.length > MAX_TAGS || deploymentTags.includes(""))
      report(at.deploymentTags, "bad-tags", `deployment_tags must be at most ${MAX_TAGS} tags, none empty`);
    if (knownTimeZone(timeZone) === undefined)
      report(
        at.timeZone,
        "bad-zone",
        `unknown time zone ${JSON.stringify(timeZone)}`,
        "write a name such as UTC or Europe/Paris",
      );
    return value;
  },
);
