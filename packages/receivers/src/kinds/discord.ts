import { field, INVALID, section, text } from "@narthex/config";
import { goJson } from "@narthex/http";
import { notificationStatus } from "@narthex/notification";
import type { Attempt } from "../attempt.ts";
import { httpConfigOf, httpIntegration, type HttpIntegration } from "../http/http-integration.ts";
import { present } from "../http/json.ts";
import { openPostSender } from "../http/post-sender.ts";
import { checkWebhookUrl, readWebhookUrl, type WebhookUrl, webhookUrlFields } from "./webhook-url.ts";
import { defineReceiver, type IntegrationConfig } from "../receiver-kind.ts";
import { truncateRunes } from "../templates/truncate.ts";

/** Settings of one entry of `discord_configs`. Content, title and message are templates. */
export interface DiscordConfig extends IntegrationConfig, HttpIntegration, WebhookUrl {
  readonly content: string;
  readonly title: string;
  readonly message: string;
  readonly username: string;
  readonly avatarUrl: string;
}

const discordSection = section<Omit<DiscordConfig, "place">, DiscordConfig>(
  "discord.plain",
  {
    ...httpIntegration(true),
    ...webhookUrlFields,
    content: field("content", text, ""),
    title: field("title", text, '{{ template "discord.default.title" . }}'),
    message: field("message", text, '{{ template "discord.default.message" . }}'),
    username: field("username", text, ""),
    avatarUrl: field("avatar_url", text, ""),
  },
  (value, at, report) => (checkWebhookUrl(value, at, report) ? { ...value, place: at.self } : INVALID),
);

export const discord = defineReceiver<DiscordConfig>({
  key: "discord_configs",
  kind: "discord",
  section: discordSection,
  resolve: (config, globals) => ({ ...config, httpConfig: httpConfigOf(config.httpConfig, globals) }),
  open: (config, tools) =>
    openPostSender(config.httpConfig!, tools, async (attempt) => ({
      url: await readWebhookUrl(config, attempt),
      body: `${goJson(messageOf(config, attempt))}\n`,
    })),
});

/** Maximum lengths of texts that Discord accepts, in code points. */
const MAX_TITLE = 256;
const MAX_DESCRIPTION = 4096;
const MAX_CONTENT = 2000;

const COLORS = { firing: 0x992d22, resolved: 0x2ecc71 };

function messageOf(config: DiscordConfig, { notification, render }: Attempt): object {
  const title = truncateRunes(render.text(config.title), MAX_TITLE);
  const description = truncateRunes(render.text(config.message), MAX_DESCRIPTION);
  return {
    content: truncateRunes(render.text(config.content), MAX_CONTENT),
    embeds: [{ title, description, color: COLORS[notificationStatus(notification)] }],
    ...present({ username: config.username, avatar_url: config.avatarUrl }),
  };
}
