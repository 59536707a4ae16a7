import type { Secret } from "@narthex/config";
import { readProblem } from "@narthex/http";
import type { Sending } from "../contract.ts";
import type { Delivery } from "../delivery.ts";
import { attempt, Refusal } from "../refusal.ts";
import { readSecret } from "../secret-source.ts";
import { slackMessage } from "./slack-message.ts";
import type { SlackConfig } from "./slack-section.ts";

/** Address of chat.postMessage, where messages can be replaced later. */
export const SLACK_API = "https://slack.com/api/chat.postMessage";

/** Where a message posted to `url` is replaced: chat.update beside it, else Slack's own. */
export const updateUrl = (url: string): string =>
  (url.endsWith("/chat.postMessage") ? url : SLACK_API).replace(/chat\.postMessage$/, "chat.update");

/** Renders the message and sends it; what cannot be rendered is refused for good. */
export const withMessage = (
  config: SlackConfig,
  sending: Sending,
  send: (message: Record<string, unknown>) => Promise<Delivery>,
): Promise<Delivery> => attempt("", () => send(slackMessage(config, sending.render, replacedBy(config, sending))));

/** The message to replace: the one of the last delivery, unless the group starts anew. */
function replacedBy(
  { updateMessage }: SlackConfig,
  { data, notice }: Sending,
): { channel: string; ts: string } | undefined {
  const { threadTs: ts, channelId: channel } = data;
  if (!updateMessage || !ts || !channel || notice.reason === "first notification") return undefined;
  return { ts, channel };
}

export const channelOf = ({ channel }: Readonly<Record<string, unknown>>): string =>
  typeof channel === "string" ? channel : "";

/** Upstream names the channel before what Slack answered. */
export const named = (delivery: Delivery, channel: string): Delivery =>
  delivery.kind === "sent"
    ? delivery
    : { ...delivery, reason: `channel ${JSON.stringify(channel)}: ${delivery.reason}` };

/** The secret as readSecret() gives it. Throws Refusal where its file cannot be read. */
export async function secretOf(inline: Secret | undefined, file: string): Promise<string> {
  try {
    return await readSecret(inline, file);
  } catch (error) {
    throw new Refusal(readProblem(file, error));
  }
}
