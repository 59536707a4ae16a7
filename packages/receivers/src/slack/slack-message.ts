import { goJson } from "@narthex/http";
import { present } from "../http/json.ts";
import type { SlackAction, SlackConfig, SlackConfirmation } from "./slack-section.ts";
import { isTemplateFault, type Rendering } from "../templates/renderer.ts";
import { truncateRunes } from "../templates/truncate.ts";

/** Maximum length of a title, in code points. Slack would cut longer titles at another position. */
const MAX_TITLE = 1024;

/**
 * Returns a message for Slack's API. `update` names the message to replace. As in Alertmanager, if a template fails,
 * its field and all following fields are empty: an incomplete message is better than none.
 */
export function slackMessage(
  config: SlackConfig,
  render: Rendering,
  update?: { readonly channel: string; readonly ts: string },
): Record<string, unknown> {
  const text = forgiving(render);
  // Renders the attachment first, as Alertmanager does. The order matters because all fields after a failed template
  // are empty.
  const attachments = [attachment(config, text)];
  return {
    ...present({
      channel: update?.channel ?? text(config.channel),
      ts: update?.ts,
      username: text(config.username),
      icon_emoji: text(config.iconEmoji),
      icon_url: text(config.iconUrl),
      link_names: config.linkNames,
      text: text(config.messageText),
    }),
    attachments,
  };
}

/**
 * Returns a function that renders templates. After a template has failed, the function returns "" for all later
 * templates.
 */
function forgiving(render: Rendering): (template: string) => string {
  let failed = false;
  return (template) => {
    if (failed) return "";
    try {
      return render.text(template);
    } catch (error) {
      if (!isTemplateFault(error)) throw error;
      failed = true;
      return "";
    }
  };
}

function attachment(config: SlackConfig, text: (template: string) => string): Record<string, unknown> {
  const { fields, actions, mrkdwnIn } = config;
  return {
    ...present({
      title: truncateRunes(text(config.title), MAX_TITLE),
      title_link: text(config.titleLink),
      pretext: text(config.pretext),
    }),
    text: text(config.text),
    fallback: text(config.fallback),
    callback_id: text(config.callbackId),
    ...present({
      fields:
        fields.length === 0
          ? undefined
          : fields.map(({ title, value, short }) => ({
              ...present({ title: text(title), value: text(value) }),
              short: short ?? config.shortFields,
            })),
      actions: actions.length === 0 ? undefined : actions.map((action) => actionOf(action, text)),
      image_url: text(config.imageUrl),
      thumb_url: text(config.thumbUrl),
    }),
    footer: text(config.footer),
    ...present({ color: text(config.color) }),
    mrkdwn_in: mrkdwnIn.length === 0 ? ["fallback", "pretext", "text"] : mrkdwnIn,
  };
}

function actionOf(action: SlackAction, text: (template: string) => string): Record<string, unknown> {
  return present({
    type: text(action.type),
    text: text(action.text),
    url: text(action.url),
    style: text(action.style),
    name: text(action.name),
    value: text(action.value),
    confirm: action.confirm === undefined ? undefined : confirmationOf(action.confirm, text),
  });
}

const confirmationOf = (
  { title, text: words, okText, dismissText }: SlackConfirmation,
  text: (template: string) => string,
): Record<string, unknown> =>
  present({ text: text(words), title: text(title), ok_text: text(okText), dismiss_text: text(dismissText) });

export const slackBody = (message: Readonly<Record<string, unknown>>): string => `${goJson(message)}\n`;
