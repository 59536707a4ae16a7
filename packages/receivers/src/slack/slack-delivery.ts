import type { Delivery } from "@narthex/notification";
import type { Attempt } from "../attempt.ts";
import { withSlackContext } from "../context/slack-context.ts";
import { slackMessage } from "./slack-message.ts";
import type { SlackConfig } from "./slack-section.ts";

/** URL of Slack's chat.postMessage. Messages that are posted there can be replaced later. */
export const SLACK_API = "https://slack.com/api/chat.postMessage";

/**
 * Returns the URL for replacing messages that were posted to `url`. If `url` ends in /chat.postMessage, this is `url`
 * with chat.update instead; otherwise it is the chat.update of Slack itself.
 */
export const updateUrl = (url: string): string =>
  (url.endsWith("/chat.postMessage") ? url : SLACK_API).replace(/chat\.postMessage$/, "chat.update");

export const withMessage = (
  config: SlackConfig,
  attempt: Attempt,
  send: (message: Record<string, unknown>) => Promise<Delivery>,
): Promise<Delivery> =>
  send(
    withSlackContext(slackMessage(config, attempt.render, replacedBy(config, attempt)), attempt.notification.context),
  );

/**
 * Returns the last message of the alert group, which the new message replaces. Undefined if updates are off, if that
 * message is not known, or for the group's first notification.
 */
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

/** Adds the channel before Slack's answer, as Alertmanager does. */
export const withChannel = (delivery: Delivery, channel: string): Delivery =>
  delivery.kind === "sent"
    ? delivery
    : { ...delivery, reason: `channel ${JSON.stringify(channel)}: ${delivery.reason}` };
