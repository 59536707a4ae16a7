import {
  fieldTable,
  flag,
  objects,
  object,
  secret,
  secretUrl,
  text,
  texts,
  wholeNumber,
  refusedFile,
} from "./field-table.ts";
import { httpConfig } from "./http-config.ts";

const sendResolved = flag("send_resolved");

export const discord = fieldTable({
  sendResolved,
  apiURL: secretUrl("webhook_url"),
  title: text("title"),
  message: text("message"),
  content: text("content"),
  username: text("username"),
  avatarURL: text("avatar_url"),
  httpConfig,
});

const slackConfirmation = fieldTable({
  text: text("text"),
  title: text("title"),
  okText: text("ok_text"),
  dismissText: text("dismiss_text"),
});

export const slack = fieldTable({
  sendResolved,
  apiURL: secretUrl("api_url"),
  channel: text("channel"),
  username: text("username"),
  color: text("color"),
  title: text("title"),
  titleLink: text("title_link"),
  pretext: text("pretext"),
  text: text("text"),
  fields: objects("fields", fieldTable({ title: text("title"), value: text("value"), short: flag("short") })),
  shortFields: flag("short_fields"),
  footer: text("footer"),
  fallback: text("fallback"),
  callbackId: text("callback_id"),
  iconEmoji: text("icon_emoji"),
  iconURL: text("icon_url"),
  imageURL: text("image_url"),
  thumbURL: text("thumb_url"),
  linkNames: flag("link_names"),
  mrkdwnIn: texts("mrkdwn_in"),
  actions: objects(
    "actions",
    fieldTable({
      type: text("type"),
      text: text("text"),
      url: text("url"),
      style: text("style"),
      name: text("name"),
      value: text("value"),
      confirm: object("confirm", slackConfirmation),
    }),
  ),
  httpConfig,
  timeout: text("timeout"),
  messageText: text("message_text"),
  updateMessage: flag("update_message"),
});

export const webex = fieldTable({
  sendResolved,
  apiURL: text("api_url"),
  message: text("message"),
  roomID: text("room_id"),
  httpConfig,
});

export const wechat = fieldTable({
  sendResolved,
  apiSecret: secret("api_secret"),
  apiURL: text("api_url"),
  corpID: text("corp_id"),
  agentID: text("agent_id"),
  toUser: text("to_user"),
  toParty: text("to_party"),
  toTag: text("to_tag"),
  message: text("message"),
  messageType: text("message_type"),
  httpConfig,
});

export const telegram = fieldTable({
  sendResolved,
  apiURL: text("api_url"),
  botToken: secret("bot_token"),
  botTokenFile: refusedFile("botToken"),
  chatID: wholeNumber("chat_id"),
  messageThreadID: wholeNumber("message_thread_id"),
  message: text("message"),
  disableNotifications: flag("disable_notifications"),
  parseMode: text("parse_mode"),
  httpConfig,
});

export const msteams = fieldTable({
  sendResolved,
  webhookUrl: secretUrl("webhook_url"),
  title: text("title"),
  summary: text("summary"),
  text: text("text"),
  httpConfig,
});

export const msteamsv2 = fieldTable({
  sendResolved,
  webhookURL: secretUrl("webhook_url"),
  title: text("title"),
  text: text("text"),
  httpConfig,
});

export const rocketchat = fieldTable({
  sendResolved,
  apiURL: text("api_url"),
  channel: text("channel"),
  token: secret("token"),
  tokenID: secret("token_id"),
  color: text("color"),
  emoji: text("emoji"),
  iconURL: text("icon_url"),
  text: text("text"),
  title: text("title"),
  titleLink: text("title_link"),
  fields: objects("fields", fieldTable({ title: text("title"), value: text("value"), short: flag("short") })),
  shortFields: flag("short_fields"),
  imageURL: text("image_url"),
  thumbURL: text("thumb_url"),
  linkNames: flag("link_names"),
  actions: objects("actions", fieldTable({ text: text("text"), url: text("url"), msg: text("msg") })),
  httpConfig,
});
