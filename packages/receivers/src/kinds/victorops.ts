import {
  field,
  flag,
  type HttpClientConfig,
  httpClientSection,
  INVALID,
  mapOf,
  optional,
  type Secret,
  secret,
  section,
  text,
} from "@narthex/config";
import { jsonString } from "@narthex/template";
import { deliveryFromAnswer, hashGroupKey, notificationStatus } from "@narthex/notification";
import { type Attempt, deliveryOutcome } from "../attempt.ts";
import { extendPath, withTrailingSlash } from "../http/go-url.ts";
import { HttpPoster, isDelivery } from "../http/http-poster.ts";
import { sortedJsonObject } from "../http/json.ts";
import { webUrl } from "../http/web-url.ts";
import { httpConfigOf } from "../http/http-integration.ts";
import { defineReceiver, type IntegrationConfig } from "../receiver-kind.ts";
import { isSecretSet, secretFrom, conflictingSecretSources } from "../secret-source.ts";
import { truncateRunes } from "../templates/truncate.ts";

/** Maximum length of a message for VictorOps, in code points. */
const MAX_MESSAGE = 20_480;

/** Message types that a firing group may have. Any other text means critical. */
const FIRING_TYPES: readonly string[] = ["INFO", "WARNING", "CRITICAL"];

/** Names of JSON members that custom fields cannot have. */
const RESERVED: readonly string[] =
  "routing_key message_type state_message entity_display_name monitoring_tool entity_id entity_state".split(" ");

/** Settings of one entry of `victorops_configs`. Texts are templates. */
export interface VictorOpsConfig extends IntegrationConfig {
  readonly httpConfig: HttpClientConfig | undefined;
  readonly apiKey: Secret | undefined;
  readonly apiKeyFile: string;
  /** URL of the API, which ends in a slash. */
  readonly apiUrl: string;
  readonly routingKey: string;
  readonly messageType: string;
  readonly stateMessage: string;
  readonly entityDisplayName: string;
  readonly monitoringTool: string;
  readonly customFields: ReadonlyMap<string, string>;
}

type RawVictorOps = Omit<VictorOpsConfig, "place">;

const named = (name: string): string => `{{ template "victorops.default.${name}" . }}`;

const victorOpsSection = section<RawVictorOps, VictorOpsConfig>(
  "config.plain",
  {
    sendResolved: field("send_resolved", flag, true, true),
    httpConfig: optional("http_config", httpClientSection({ enableHttp2: true })),
    apiKey: optional("api_key", secret),
    apiKeyFile: field("api_key_file", text, ""),
    apiUrl: field("api_url", webUrl, "", true),
    routingKey: field("routing_key", text, "", true),
    messageType: field("message_type", text, "CRITICAL", true),
    stateMessage: field("state_message", text, named("state_message"), true),
    entityDisplayName: field("entity_display_name", text, named("entity_display_name"), true),
    monitoringTool: field("monitoring_tool", text, named("monitoring_tool"), true),
    customFields: field("custom_fields", mapOf(text), new Map()),
  },
  (value, at, report) => {
    const refuse = (message: string, hint: string): typeof INVALID => {
      report(at.self, "victorops", message, hint);
      return INVALID;
    };
    if (value.routingKey === "") return refuse("missing Routing key in VictorOps config", "add routing_key");
    if (isSecretSet(value.apiKey, "") && value.apiKeyFile !== "") {
      return refuse(conflictingSecretSources("api_key"), "keep one of the two");
    }
    const taken = RESERVED.find((name) => value.customFields.has(name));
    if (taken === undefined) return { ...value, place: at.self };
    return refuse(
      `victorOps config contains custom field ${taken} which cannot be used as it conflicts with the fixed/static fields`,
      "choose another name",
    );
  },
);

/** Sends to VictorOps (Splunk On-Call) by its generic REST endpoint. */
export const victorops = defineReceiver<VictorOpsConfig>({
  key: "victorops_configs",
  kind: "victorops",
  section: victorOpsSection,
  resolve(config, globals, report) {
    const apiKey = isSecretSet(config.apiKey, "") ? config.apiKey : globals.victoropsApiKey;
    const apiKeyFile = config.apiKeyFile || globals.victoropsApiKeyFile;
    if (!isSecretSet(apiKey, apiKeyFile)) {
      const message = "no global VictorOps API Key set";
      report(config.place, "victorops-key", message, "add api_key here, or victorops_api_key under global");
      return undefined;
    }
    const apiUrl = withTrailingSlash(config.apiUrl || globals.victoropsApiUrl);
    return { ...config, httpConfig: httpConfigOf(config.httpConfig, globals), apiUrl, apiKey, apiKeyFile };
  },
  async open(config, tools) {
    const poster = await HttpPoster.open(config.httpConfig!, tools);
    return {
      send: (attempt) =>
        deliveryOutcome(async () => {
          const key = await secretFrom(attempt, [config.apiKey, config.apiKeyFile], "failed to read API key from file");
          const url = extendPath(config.apiUrl, `${key}/${attempt.render.text(config.routingKey)}`);
          const answer = await poster.post(url, bodyOf(config, attempt), { attempt });
          return isDelivery(answer) ? answer : deliveryFromAnswer(answer);
        }, "templating error: "),
      close: () => poster.close(),
    };
  },
});

function bodyOf(config: VictorOpsConfig, { notification, render }: Attempt): string {
  const text = (template: string): string => render.text(template);
  const wanted = text(config.messageType);
  const firing = FIRING_TYPES.includes(wanted) ? wanted : "CRITICAL";
  const members: readonly (readonly [string, string])[] = [
    ["message_type", notificationStatus(notification) === "firing" ? firing : "RECOVERY"],
    ["entity_id", hashGroupKey(notification.groupKey)],
    ["entity_display_name", text(config.entityDisplayName)],
    ["state_message", truncateRunes(text(config.stateMessage), MAX_MESSAGE)],
    ["monitoring_tool", text(config.monitoringTool)],
    ...[...config.customFields].map(([name, value]) => [name, text(value)] as const),
  ];
  return `${sortedJsonObject(members.map(([name, value]) => [name, jsonString(value)]))}\n`;
}
