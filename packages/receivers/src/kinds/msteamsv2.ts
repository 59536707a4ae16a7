import { field, INVALID, section, text } from "@narthex/config";
import { goJson } from "@narthex/http";
import { notificationStatus } from "@narthex/notification";
import type { Attempt } from "../attempt.ts";
import type { ReceiverGlobals } from "../global-section.ts";
import { type CardMessage, withCardContext } from "../context/card-context.ts";
import { httpIntegration, type HttpIntegration } from "../http/http-integration.ts";
import { openPostSender } from "../http/post-sender.ts";
import { checkWebhookUrl, readWebhookUrl, type WebhookUrl, webhookUrlFields } from "./webhook-url.ts";
import { defineReceiver, type IntegrationConfig } from "../receiver-kind.ts";

/** Settings of one entry of `msteamsv2_configs`. Title and text are templates. */
export interface MsTeamsV2Config extends IntegrationConfig, HttpIntegration, WebhookUrl {
  readonly title: string;
  readonly text: string;
}

const msTeamsV2Section = section<Omit<MsTeamsV2Config, "place">, MsTeamsV2Config>(
  "msteamsv2.plain",
  {
    ...httpIntegration(true),
    ...webhookUrlFields,
    title: field("title", text, '{{ template "msteamsv2.default.title" . }}'),
    text: field("text", text, '{{ template "msteamsv2.default.text" . }}'),
  },
  (value, at, report) => (checkWebhookUrl(value, at, report) ? { ...value, place: at.self } : INVALID),
);

/** Sends to a Microsoft Teams channel as an adaptive card, through a workflow of Power Automate. */
export const msteamsv2 = defineReceiver<MsTeamsV2Config>({
  key: "msteamsv2_configs",
  kind: "msteamsv2",
  section: msTeamsV2Section,
  showsContext: true,
  resolve: withGlobalProxy,
  open: (config, tools) =>
    openPostSender(config.httpConfig!, tools, async (attempt) => ({
      url: await readWebhookUrl(config, attempt),
      body: await withCardContext(messageOf(config, attempt), attempt, (message) => `${goJson(message)}\n`),
    })),
});

/**
 * Returns the settings, with the proxy of `global` if their own HTTP settings have no proxy. Only this kind of receiver
 * inherits the proxy alone.
 */
function withGlobalProxy(config: MsTeamsV2Config, { httpConfig: global }: ReceiverGlobals): MsTeamsV2Config {
  const own = config.httpConfig ?? global;
  return { ...config, httpConfig: own.proxyUrl === "" ? { ...own, proxyUrl: global.proxyUrl } : own };
}

const COLORS = { firing: "Attention", resolved: "Good" };

function messageOf(config: MsTeamsV2Config, { notification, render }: Attempt): CardMessage {
  const heading = {
    weight: "Bolder",
    size: "Medium",
    wrap: true,
    style: "heading",
    color: COLORS[notificationStatus(notification)],
  };
  const content = {
    $schema: "http://adaptivecards.io/schemas/adaptive-card.json",
    type: "AdaptiveCard",
    version: "1.2",
    body: [
      { type: "TextBlock", text: render.text(config.title), ...heading },
      { type: "TextBlock", text: render.text(config.text), wrap: true },
    ],
    msteams: { width: "full" },
  };
  const contentType = "application/vnd.microsoft.card.adaptive";
  return { type: "message", attachments: [{ contentType, contentUrl: null, content }] };
}
