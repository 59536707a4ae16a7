import { discord, msteams, msteamsv2, rocketchat, slack, telegram, webex, wechat } from "./chat-receivers.ts";
import { type FieldTable, fieldTable, objects, text } from "./field-table.ts";
import { email, sns } from "./message-receivers.ts";
import { opsgenie, pagerduty, pushover, victorops, webhook } from "./paging-receivers.ts";

/**
 * The fields of a receiver in an AlertmanagerConfig. To add a kind of receivers: (1) its table of fields in one of the
 * files next to this one; (2) a line here with its names in the API and in alertmanager.yml; (3) a row of the test of
 * this file, and of docs/kubernetes-alertmanager-configs.md.
 */
export const receiverFields: FieldTable = fieldTable({
  name: text("name"),
  opsgenieConfigs: objects("opsgenie_configs", opsgenie),
  pagerdutyConfigs: objects("pagerduty_configs", pagerduty),
  discordConfigs: objects("discord_configs", discord),
  slackConfigs: objects("slack_configs", slack),
  webhookConfigs: objects("webhook_configs", webhook),
  wechatConfigs: objects("wechat_configs", wechat),
  emailConfigs: objects("email_configs", email),
  victoropsConfigs: objects("victorops_configs", victorops),
  pushoverConfigs: objects("pushover_configs", pushover),
  snsConfigs: objects("sns_configs", sns),
  telegramConfigs: objects("telegram_configs", telegram),
  webexConfigs: objects("webex_configs", webex),
  msteamsConfigs: objects("msteams_configs", msteams),
  msteamsv2Configs: objects("msteamsv2_configs", msteamsv2),
  rocketchatConfigs: objects("rocketchat_configs", rocketchat),
});
