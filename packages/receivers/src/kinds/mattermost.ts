import { goJson } from "@narthex/http";
import { quote } from "@narthex/model";
import { PermanentError } from "@narthex/notification";
import type { Attempt } from "../attempt.ts";
import { present } from "../http/json.ts";
import { openPostSender } from "../http/post-sender.ts";
import {
  mattermostSection,
  resolveMattermost,
  type MattermostAttachment,
  type MattermostConfig,
  type MattermostPriority,
} from "./mattermost-section.ts";
import { readWebhookUrl } from "./webhook-url.ts";
import { defineReceiver } from "../receiver-kind.ts";
import { truncateRunes } from "../templates/truncate.ts";

export const mattermost = defineReceiver<MattermostConfig>({
  key: "mattermost_configs",
  kind: "mattermost",
  section: mattermostSection,
  target: ({ channel }) => channel,
  resolve: resolveMattermost,
  open: (config, tools) =>
    openPostSender(config.httpConfig!, tools, async (attempt) => {
      const url = await readWebhookUrl(config, attempt);
      if (url === "") throw new PermanentError("webhook url missing");
      const channel = attempt.render.text(config.channel);
      const body = `${goJson(messageOf(config, channel, attempt))}\n`;
      return { url, body, about: `channel ${quote(channel)}` };
    }),
});

/** Maximum length of a text that Mattermost accepts, in code points. */
const MAX_TEXT = 16383;

type Text = (template: string) => string;

function messageOf(config: MattermostConfig, channel: string, { render }: Attempt): object {
  const text: Text = (template) => render.text(template);
  const several = config.attachments.length > 0;
  const card = config.props?.card ?? "";
  return present({
    text: several ? truncateRunes(text(config.text), MAX_TEXT) : "",
    channel,
    username: text(config.username),
    icon_url: text(config.iconUrl),
    icon_emoji: text(config.iconEmoji),
    attachments: (several ? config.attachments : [config]).map((block) => blockOf(block, text)),
    type: text(config.type),
    props: card === "" ? undefined : present({ card: text(card) }),
    priority: config.priority === undefined ? undefined : priorityOf(config.priority, text),
  });
}

const blockOf = (block: MattermostAttachment, text: Text): object =>
  present({
    fallback: text(block.fallback),
    color: text(block.color),
    pretext: text(block.pretext),
    text: text(block.text),
    author_name: text(block.authorName),
    author_link: text(block.authorLink),
    author_icon: text(block.authorIcon),
    title: text(block.title),
    title_link: text(block.titleLink),
    fields: block.fields.map(({ title, value, short }) => ({
      ...present({ title: text(title), value: text(value) }),
      ...(short === undefined ? {} : { short }),
    })),
    thumb_url: text(block.thumbUrl),
    footer: text(block.footer),
    footer_icon: text(block.footerIcon),
    image_url: text(block.imageUrl),
  });

/**
 * Returns the priority of a message. In Mattermost, only messages above the priority standard can ask for an
 * acknowledgement, and only urgent messages are repeated.
 */
function priorityOf(priority: MattermostPriority, text: Text): object | undefined {
  if (priority.priority === "") return undefined;
  const wanted = text(priority.priority).toLowerCase();
  const level = wanted === "urgent" || wanted === "important" ? wanted : "standard";
  return present({
    priority: level,
    requested_ack: priority.requestedAck && level !== "standard",
    persistent_notifications: priority.persistentNotifications && level === "urgent",
  });
}
