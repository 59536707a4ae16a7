import {
  field,
  flag,
  goDuration,
  type HttpClientConfig,
  httpClientSection,
  INVALID,
  optional,
  type Secret,
  secret,
  section,
  text,
  wholeNumber64,
} from "@narthex/config";
import { PermanentError, deliveryFromAnswer } from "@narthex/notification";
import type { Attempt } from "../attempt.ts";
import { HttpPoster, isDelivery } from "../http/http-poster.ts";
import { webUrl } from "../http/web-url.ts";
import { webhookMessage } from "./webhook-message.ts";
import { httpConfigOf, withoutCredentials } from "../http/http-integration.ts";
import { defineReceiver, type IntegrationConfig } from "../receiver-kind.ts";
import { isSecretSet, secretFrom, conflictingSecretSources } from "../secret-source.ts";

/** Maximum size in bytes of a request body for incident.io. */
const MAX_MESSAGE = 512 * 1024;

/** Settings of one entry of `incidentio_configs`. */
export interface IncidentioConfig extends IntegrationConfig {
  readonly httpConfig: HttpClientConfig | undefined;
  /** URL of the incident.io alert source. Undefined if it is read from a file. */
  readonly url: string | undefined;
  readonly urlFile: string;
  readonly alertSourceToken: Secret | undefined;
  readonly alertSourceTokenFile: string;
  /** Maximum number of alerts in a notification, or 0 for all. */
  readonly maxAlerts: number;
  readonly timeoutMs: number;
}

type RawIncidentio = Omit<IncidentioConfig, "place">;

const incidentioSection = section<RawIncidentio, IncidentioConfig>(
  "incidentio.plain",
  {
    sendResolved: field("send_resolved", flag, true, true),
    httpConfig: optional("http_config", httpClientSection({ enableHttp2: true })),
    url: { ...optional("url", webUrl), always: true },
    urlFile: field("url_file", text, "", true),
    alertSourceToken: optional("alert_source_token", secret),
    alertSourceTokenFile: field("alert_source_token_file", text, ""),
    maxAlerts: field("max_alerts", wholeNumber64, 0, true),
    timeoutMs: field("timeout", goDuration, 0, true),
  },
  (value, at, report) => {
    const problem = problemOf(value);
    if (problem === undefined) return { ...value, place: at.self };
    report(at.self, "incidentio", problem, "give url and alert_source_token, each once");
    return INVALID;
  },
);

function problemOf({ url, urlFile, httpConfig, ...value }: RawIncidentio): string | undefined {
  const { alertSourceToken: token, alertSourceTokenFile: tokenFile } = value;
  if (url === undefined && urlFile === "") return "one of url or url_file must be configured";
  if (url !== undefined && urlFile !== "") return conflictingSecretSources("url");
  if (isSecretSet(token, "") && tokenFile !== "") {
    return conflictingSecretSources("alert_source_token");
  }
  if (httpConfig === undefined) return undefined;
  if (httpConfig.authorization !== undefined && isSecretSet(token, tokenFile)) {
    return "cannot specify alert_source_token or alert_source_token_file when using http_config.authorization";
  }
  if (httpConfig.authorization !== undefined || isSecretSet(token, tokenFile)) return undefined;
  return "at least one of alert_source_token, alert_source_token_file or http_config.authorization must be configured";
}

/** Sends to incident.io, whose alert sources accept Alertmanager's own JSON. */
export const incidentio = defineReceiver<IncidentioConfig>({
  key: "incidentio_configs",
  kind: "incidentio",
  section: incidentioSection,
  resolve: (config, globals) => ({ ...config, httpConfig: httpConfigOf(config.httpConfig, globals) }),
  async open(config, tools) {
    const { alertSourceToken, alertSourceTokenFile } = config;
    const own = isSecretSet(alertSourceToken, alertSourceTokenFile);
    const poster = await HttpPoster.open(own ? withoutCredentials(config.httpConfig!) : config.httpConfig!, tools);
    return {
      send: async (attempt) => {
        const url = config.url ?? (await secretFrom(attempt, [undefined, config.urlFile], "read url_file"));
        if (!URL.canParse(url)) throw new PermanentError("the URL in url_file is not valid");
        const token = await secretFrom(
          attempt,
          [alertSourceToken, alertSourceTokenFile],
          "failed to read alert_source_token_file",
        );
        const headers: Record<string, string> = token === "" ? {} : { authorization: `Bearer ${token}` };
        const answer = await poster.post(url, bodyOf(config, attempt), {
          headers,
          timeoutMs: config.timeoutMs,
          service: "incident.io",
          attempt,
        });
        if (isDelivery(answer)) return answer;
        return deliveryFromAnswer({ ...answer, body: faultOf(answer.body) }, [429]);
      },
      close: () => poster.close(),
    };
  },
});

/** Returns the JSON body of a notification. If the body is too large, it contains only the first alert. */
function bodyOf({ maxAlerts }: IncidentioConfig, attempt: Attempt): string {
  const whole = webhookMessage(attempt, { version: "1", maxAlerts });
  return Buffer.byteLength(whole) <= MAX_MESSAGE
    ? whole
    : webhookMessage(attempt, { version: "1", maxAlerts, onlyFirst: true });
}

function faultOf(body: string): string {
  try {
    const { message, error, errors } = JSON.parse(body) as Readonly<Record<string, unknown>>;
    const listed = Array.isArray(errors) ? errors.join(", ") : "";
    return [message, error, listed].filter((part) => typeof part === "string" && part !== "").join(": ");
  } catch {
    return "";
  }
}
