import {
  anyValue,
  field,
  flag,
  goDuration,
  type HttpClientConfig,
  httpClientSection,
  INVALID,
  optional,
  type Printable,
  type Secret,
  section,
  text,
  wholeNumber64,
} from "@narthex/config";
import { deliveryFromAnswer, PermanentError } from "@narthex/notification";
import type { Attempt } from "../attempt.ts";
import { HttpPoster, isDelivery } from "../http/http-poster.ts";
import { secretTemplateUrl } from "../http/web-url.ts";
import { firstAlerts, webhookMessage } from "./webhook-message.ts";
import { httpConfigOf } from "../http/http-integration.ts";
import { defineReceiver, type IntegrationConfig } from "../receiver-kind.ts";
import { readSecret, conflictingSecretSources } from "../secret-source.ts";
import { renderPayload } from "../templates/payload.ts";

/** Settings of one entry of `webhook_configs`. */
export interface WebhookConfig extends IntegrationConfig {
  readonly httpConfig: HttpClientConfig | undefined;
  readonly url: Secret | undefined;
  readonly urlFile: string;
  /** Maximum number of alerts in a message, or 0 for all. */
  readonly maxAlerts: number;
  readonly timeoutMs: number;
  readonly payload: Printable;
  /** Whether alerts in the message have their acknowledgement. Alertmanager does not have this setting. */
  readonly withAcknowledgements: boolean;
}

type RawWebhook = Omit<WebhookConfig, "place">;

const webhookSection = section<RawWebhook, WebhookConfig>(
  "webhook.plain",
  {
    sendResolved: field("send_resolved", flag, true, true),
    httpConfig: optional("http_config", httpClientSection({ enableHttp2: true })),
    url: optional("url", secretTemplateUrl),
    urlFile: field("url_file", text, "", true),
    maxAlerts: field("max_alerts", wholeNumber64, 0, true),
    timeoutMs: field("timeout", goDuration, 0, true),
    payload: field("payload", anyValue, null),
    withAcknowledgements: field("narthex_acknowledgements", flag, false),
  },
  (value, at, report) => {
    const inline = value.url?.reveal() ?? "";
    const refuse = (message: string, hint: string): typeof INVALID => {
      report(at.self, "webhook-url", message, hint);
      return INVALID;
    };
    if (inline === "" && value.urlFile === "") {
      return refuse("one of url or url_file must be configured", "add url");
    }
    if (inline !== "" && value.urlFile !== "") {
      return refuse(conflictingSecretSources("url"), "keep one of the two");
    }
    return { ...value, place: at.self };
  },
);

/** Sends to any HTTP endpoint that accepts version 4 of Alertmanager's JSON. */
export const webhook = defineReceiver<WebhookConfig>({
  key: "webhook_configs",
  kind: "webhook",
  section: webhookSection,
  resolve: (config, globals) => ({ ...config, httpConfig: httpConfigOf(config.httpConfig, globals) }),
  async open(config, tools) {
    const poster = await HttpPoster.open(config.httpConfig!, tools);
    return {
      async send(attempt) {
        const { url, body } = await requestFor(config, attempt);
        const answer = await poster.post(url, body, {
          timeoutMs: config.timeoutMs,
          service: "webhook",
          attempt,
        });
        return isDelivery(answer) ? answer : deliveryFromAnswer(answer);
      },
      close: () => poster.close(),
    };
  },
});

/** Returns the URL and the body of a request. Throws PermanentError if the URL is invalid. */
async function requestFor(config: WebhookConfig, attempt: Attempt): Promise<{ url: string; body: string }> {
  const url = attempt.hide(attempt.render.text(await readSecret(config.url, config.urlFile)).trim());
  if (url === "") throw new PermanentError("webhook URL is empty after templating");
  if (!URL.canParse(url)) throw new PermanentError("webhook URL is not valid after templating");
  return { url, body: bodyOf(config, attempt) };
}

function bodyOf({ payload, maxAlerts, withAcknowledgements }: WebhookConfig, attempt: Attempt): string {
  if (payload === null) return webhookMessage(attempt, { version: "4", maxAlerts, withAcknowledgements });
  const { render } = firstAlerts(attempt, maxAlerts);
  return `${renderPayload(payload, (template) => render.text(template))}\n`;
}
