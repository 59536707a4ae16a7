import {
  anyValue,
  field,
  flag,
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
import { defineReceiver, httpConfigOf, type IntegrationConfig, type Sending } from "../contract.ts";
import { deliveryFromAnswer, rejected } from "../delivery.ts";
import { goDuration } from "../http/go-duration.ts";
import { secretTemplateUrl } from "../http/secret-url.ts";
import { HttpPoster, isDelivery } from "../http/http-post.ts";
import { renderPayload } from "../templates/payload.ts";
import { isTemplateFault } from "../templates/renderer.ts";
import { readSecret, twoSources } from "../secret-source.ts";
import { firstAlerts, webhookMessage } from "./webhook-message.ts";

/** One of `webhook_configs`. */
export interface WebhookConfig extends IntegrationConfig {
  readonly httpConfig: HttpClientConfig | undefined;
  readonly url: Secret | undefined;
  readonly urlFile: string;
  /** 0 = all. */
  readonly maxAlerts: number;
  readonly timeoutMs: number;
  readonly payload: Printable;
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
  },
  (value, at, report) => {
    const inline = value.url?.reveal() ?? "";
    const refuse = (message: string, mend: string): typeof INVALID => {
      report(at.self, "webhook-url", message, mend);
      return INVALID;
    };
    if (inline === "" && value.urlFile === "") {
      return refuse("one of url or url_file must be configured", "add url");
    }
    if (inline !== "" && value.urlFile !== "") {
      return refuse(twoSources("url"), "keep one of the two");
    }
    return { ...value, place: at.self };
  },
);

/** Any HTTP endpoint that takes Alertmanager's JSON, version 4. */
export const webhook = defineReceiver<WebhookConfig>({
  key: "webhook_configs",
  kind: "webhook",
  section: webhookSection,
  resolve: (config, globals) => ({ ...config, httpConfig: httpConfigOf(config.httpConfig, globals) }),
  async open(config, tools) {
    const poster = await HttpPoster.open(config.httpConfig!, tools);
    return {
      async send(sending) {
        const request = await requestFor(config, sending);
        if (typeof request === "string") return rejected(request);
        const answer = await poster.post(request.url, request.body, {
          timeoutMs: config.timeoutMs,
          service: "webhook",
          signal: sending.signal,
        });
        return isDelivery(answer) ? answer : deliveryFromAnswer(answer);
      },
      close: () => poster.close(),
    };
  },
});

/** URL and body, or why there are none. */
async function requestFor(config: WebhookConfig, sending: Sending): Promise<{ url: string; body: string } | string> {
  try {
    const url = sending.render.text(await readSecret(config.url, config.urlFile)).trim();
    if (url === "") return "webhook URL is empty after templating";
    if (!URL.canParse(url)) return "webhook URL is not valid after templating";
    return { url, body: bodyOf(config, sending) };
  } catch (error) {
    if (isTemplateFault(error)) return error.message;
    throw error;
  }
}

function bodyOf({ payload, maxAlerts }: WebhookConfig, sending: Sending): string {
  if (payload === null) return webhookMessage(sending, { version: "4", maxAlerts });
  const { render } = firstAlerts(sending, maxAlerts);
  return `${renderPayload(payload, (template) => render.text(template))}\n`;
}
