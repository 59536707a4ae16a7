import { field, INVALID, section, text } from "@narthex/config";
import { goJson } from "@narthex/http";
import { notificationStatus } from "@narthex/notification";
import type { Attempt } from "../attempt.ts";
import { cardLines } from "../context/card-context.ts";
import { httpConfigOf, httpIntegration, type HttpIntegration } from "../http/http-integration.ts";
import { openPostSender } from "../http/post-sender.ts";
import { checkWebhookUrl, readWebhookUrl, type WebhookUrl, webhookUrlFields } from "./webhook-url.ts";
import { defineReceiver, type IntegrationConfig } from "../receiver-kind.ts";

/** Settings of one entry of `msteams_configs`. The three texts are templates. */
export interface MsTeamsConfig extends IntegrationConfig, HttpIntegration, WebhookUrl {
  readonly title: string;
  readonly summary: string;
  readonly text: string;
}

const msTeamsSection = section<Omit<MsTeamsConfig, "place">, MsTeamsConfig>(
  "msteams.plain",
  {
    ...httpIntegration(true),
    ...webhookUrlFields,
    title: field("title", text, '{{ template "msteams.default.title" . }}'),
    summary: field("summary", text, '{{ template "msteams.default.summary" . }}'),
    text: field("text", text, '{{ template "msteams.default.text" . }}'),
  },
  (value, at, report) => (checkWebhookUrl(value, at, report) ? { ...value, place: at.self } : INVALID),
);

/** Sends to a Microsoft Teams channel as a MessageCard, through an Office 365 connector. */
export const msteams = defineReceiver<MsTeamsConfig>({
  key: "msteams_configs",
  kind: "msteams",
  section: msTeamsSection,
  showsContext: true,
  resolve: (config, globals) => ({ ...config, httpConfig: httpConfigOf(config.httpConfig, globals) }),
  open: (config, tools) =>
    openPostSender(config.httpConfig!, tools, async (attempt) => ({
      url: await readWebhookUrl(config, attempt),
      body: `${goJson(cardOf(config, attempt))}\n`,
    })),
});

const COLORS = { firing: "8C1A1A", resolved: "2DC72D" };

const cardOf = (config: MsTeamsConfig, { notification, render }: Attempt): object => ({
  "@context": "http://schema.org/extensions",
  type: "MessageCard",
  title: render.text(config.title),
  summary: render.text(config.summary),
  text: render.text(config.text) + cardLines(notification.context),
  themeColor: COLORS[notificationStatus(notification)],
});
