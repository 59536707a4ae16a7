import {
  anyValue,
  field,
  flag,
  goDuration,
  type HttpClientConfig,
  httpClientSection,
  INVALID,
  listOf,
  mapOf,
  optional,
  type Printable,
  type Secret,
  secret,
  section,
  type Section,
  text,
} from "@narthex/config";
import { webUrl } from "../http/web-url.ts";
import type { IntegrationConfig } from "../receiver-kind.ts";
import { isSecretSet, conflictingSecretSources } from "../secret-source.ts";

interface PagerDutyLink {
  readonly href: string;
  readonly text: string;
}

interface PagerDutyImage {
  readonly src: string;
  readonly alt: string;
  readonly href: string;
}

/** Settings of one entry of `pagerduty_configs`. Texts are templates. */
export interface PagerDutyConfig extends IntegrationConfig {
  readonly httpConfig: HttpClientConfig | undefined;
  /** Integration key of a PagerDuty service. If it is set, version 1 of the Events API is used. */
  readonly serviceKey: Secret | undefined;
  readonly serviceKeyFile: string;
  readonly routingKey: Secret | undefined;
  readonly routingKeyFile: string;
  readonly url: string;
  readonly client: string;
  readonly clientUrl: string;
  readonly description: string;
  readonly details: ReadonlyMap<string, Printable>;
  readonly images: readonly PagerDutyImage[];
  readonly links: readonly PagerDutyLink[];
  readonly source: string;
  readonly severity: string;
  readonly class: string;
  readonly component: string;
  readonly group: string;
  readonly timeoutMs: number;
}

/** Default details of a PagerDuty event. */
const DETAILS: readonly (readonly [string, string])[] = [
  ["firing", "{{ .Alerts.Firing | toJson }}"],
  ["resolved", "{{ .Alerts.Resolved | toJson }}"],
  ["num_firing", "{{ .Alerts.Firing | len }}"],
  ["num_resolved", "{{ .Alerts.Resolved | len }}"],
];

const image = section<PagerDutyImage>("pagerduty.PagerdutyImage", {
  src: field("src", text, ""),
  alt: field("alt", text, ""),
  href: field("href", text, ""),
});

const link = section<PagerDutyLink>("pagerduty.PagerdutyLink", {
  href: field("href", text, ""),
  text: field("text", text, ""),
});

type RawPagerDuty = Omit<PagerDutyConfig, "place">;

export const pagerDutySection: Section<PagerDutyConfig> = section<RawPagerDuty, PagerDutyConfig>(
  "pagerduty.plain",
  {
    sendResolved: field("send_resolved", flag, true, true),
    httpConfig: optional("http_config", httpClientSection({ enableHttp2: true })),
    serviceKey: optional("service_key", secret),
    serviceKeyFile: field("service_key_file", text, ""),
    routingKey: optional("routing_key", secret),
    routingKeyFile: field("routing_key_file", text, ""),
    url: field("url", webUrl, ""),
    client: field("client", text, '{{ template "pagerduty.default.client" . }}'),
    clientUrl: field("client_url", text, '{{ template "pagerduty.default.clientURL" . }}'),
    description: field("description", text, '{{ template "pagerduty.default.description" .}}'),
    details: field("details", mapOf(anyValue), new Map()),
    images: field("images", listOf(image), []),
    links: field("links", listOf(link), []),
    source: field("source", text, ""),
    severity: field("severity", text, ""),
    class: field("class", text, ""),
    component: field("component", text, ""),
    group: field("group", text, ""),
    timeoutMs: field("timeout", goDuration, 0, true),
  },
  (value, at, report) => {
    const problem = keyProblem(value);
    if (problem !== undefined) {
      report(at.self, "pagerduty-key", problem, "give routing_key or routing_key_file (or service_key for version 1)");
      return INVALID;
    }
    const source = value.source === "" ? value.client : value.source;
    return { ...value, source, details: new Map([...DETAILS, ...value.details]), place: at.self };
  },
);

function keyProblem(value: RawPagerDuty): string | undefined {
  const { routingKey, routingKeyFile, serviceKey, serviceKeyFile } = value;
  if (!isSecretSet(routingKey, routingKeyFile) && !isSecretSet(serviceKey, serviceKeyFile)) {
    return "missing service or routing key in PagerDuty config";
  }
  if (isSecretSet(routingKey, "") && routingKeyFile !== "") {
    return conflictingSecretSources("routing_key");
  }
  if (isSecretSet(serviceKey, "") && serviceKeyFile !== "") {
    return conflictingSecretSources("service_key");
  }
  return undefined;
}
