import type { Delivery } from "@narthex/notification";
import type { Attempt } from "../attempt.ts";
import { slackMessage } from "./slack-message.ts";
import type { SlackConfig } from "./slack-section.ts";

/** Address of chat.postMessage, where messages can be replaced later. */
export const SLACK_API = "https://slack.com/api/chat.postMessage";

/** Where a message posted to `url` is replaced: chat.update beside it, else Slack's own. */
export const updateUrl = (url: string): string =>
  (url.endsWith("/chat.postMessage") ? url : SLACK_API).replace(/chat\.postMessage$/, "chat.update");

/** Renders the message and sends it. Throws TemplateError. */
export const withMessage = (
  config: SlackConfig,
  attempt: Attempt,
  send: (message: Record<string, unknown>) => Promise<Delivery>,
): Promise<Delivery> => send(slackMessage(config, attempt.render, replacedBy(config, attempt)));

/** The message to replace: the one of the last delivery, unless the group starts again. */
function replacedBy(
  { updateMessage }: SlackConfig,
  { notification }: Attempt,
): { channel: string; ts: string } | undefined {
  const { threadTs: ts, channelId: channel } = notification.data;
  if (!updateMessage || !ts || !channel || notification.reason === "first notification") return undefined;
  return { ts, channel };
}

export const channelOf = ({ channel }: Readonly<Record<string, unknown>>): string =>
  typeof channel === "string" ? channel : "";

/** Upstream names the channel before what Slack answered. */
export const withChannel = (delivery: Delivery, channel: string): Delivery =>
  delivery.kind === "sent"
    ? delivery
    : { ...delivery, reason: `channel ${JSON.stringify(channel)}: ${delivery.reason}` };
