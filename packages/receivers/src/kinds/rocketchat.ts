import type { Secret } from "@narthex/config";
import { goJson } from "@narthex/http";
import { quote } from "@narthex/model";
import { deliveryFromAnswer, rejected, retry, type Delivery } from "@narthex/notification";
import type { Attempt } from "../attempt.ts";
import { joinPath } from "../http/go-url.ts";
import type { Answer } from "../http/http-poster.ts";
import { present } from "../http/json.ts";
import { openPostSender } from "../http/post-sender.ts";
import { resolveRocketchat, rocketchatSection, type RocketchatConfig } from "./rocketchat-section.ts";
import { defineReceiver } from "../receiver-kind.ts";
import { secretFrom } from "../secret-source.ts";
import { truncateRunes } from "../templates/truncate.ts";

/** Sends to a Rocket.Chat channel with the token of a user. */
export const rocketchat = defineReceiver<RocketchatConfig>({
  key: "rocketchat_configs",
  kind: "rocketchat",
  section: rocketchatSection,
  target: ({ channel }) => channel,
  resolve: resolveRocketchat,
  open: (config, tools) =>
    openPostSender(
      config.httpConfig!,
      tools,
      async (attempt) => {
        const channel = attempt.render.text(config.channel);
        return {
          url: joinPath(config.apiUrl, "api/v1/chat.postMessage"),
          body: `${goJson(messageOf(config, channel, attempt))}\n`,
          headers: {
            "x-auth-token": await tokenOf(attempt, config.token, config.tokenFile),
            "x-user-id": await tokenOf(attempt, config.tokenId, config.tokenIdFile),
          },
          about: `channel ${quote(channel)}`,
        };
      },
      judge,
    ),
});

/**
 * Returns the token or the user's id from the configuration or from a file. If both are given, the file is used, as in
 * Alertmanager; one of them may come from `global`.
 */
const tokenOf = (attempt: Attempt, inline: Secret | undefined, file: string): Promise<string> =>
  secretFrom(attempt, [file === "" ? inline : undefined, file], `could not read ${file}`);

/** Returns the outcome of a request. Rocket.Chat reports errors even with status 200. */
function judge(answer: Answer): Delivery {
  const delivery = deliveryFromAnswer(answer);
  if (delivery.kind !== "sent") return delivery;
  let said: { readonly success?: boolean; readonly error?: string } | null;
  try {
    said = JSON.parse(answer.body) as typeof said;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return retry(`could not unmarshal JSON response ${quote(answer.body)}: ${why}`, "clientError");
  }
  if (said?.success === true) return delivery;
  return rejected(`error response from Rocketchat: ${said?.error ?? ""}`, "clientError");
}

/** Maximum length of a title for Rocket.Chat, in code points. */
const MAX_TITLE = 1024;

function messageOf(config: RocketchatConfig, channel: string, { render }: Attempt): object {
  const text = (template: string): string => render.text(template);
  const attachment = present({
    title: truncateRunes(text(config.title), MAX_TITLE),
    title_link: text(config.titleLink),
    text: text(config.text),
    image_url: text(config.imageUrl),
    thumb_url: text(config.thumbUrl),
    color: text(config.color),
    fields: config.fields.map(({ title, value, short }) => ({
      short: short ?? config.shortFields,
      ...present({ title: text(title), value: text(value) }),
    })),
    actions: config.actions.map((action) => ({
      type: "button",
      ...present({ text: text(action.text), url: text(action.url) }),
      is_webview: false,
      ...present({ msg: text(action.msg) }),
      msg_in_chat_window: false,
    })),
  });
  return {
    ...present({ channel, emoji: text(config.emoji), avatar: text(config.iconUrl) }),
    attachments: [attachment],
  };
}
