import type { IntegrationConfig, ReceiverKind } from "./contract.ts";
import { discord } from "./discord.ts";
import { email } from "./email.ts";
import { incidentio } from "./incidentio.ts";
import { jira } from "./jira.ts";
import { mattermost } from "./mattermost.ts";
import { msteams } from "./msteams.ts";
import { msteamsv2 } from "./msteamsv2.ts";
import { opsgenie } from "./opsgenie.ts";
import { pagerduty } from "./pagerduty.ts";
import { pushover } from "./pushover.ts";
import { rocketchat } from "./rocketchat.ts";
import { slack } from "./slack.ts";
import { sns } from "./sns.ts";
import { telegram } from "./telegram.ts";
import { victorops } from "./victorops.ts";
import { webex } from "./webex.ts";
import { webhook } from "./webhook.ts";
import { wechat } from "./wechat.ts";

/** A kind whose settings are known to itself alone. */
export type AnyReceiverKind = ReceiverKind<IntegrationConfig>;

/** Every kind of receiver that this build sends with, in the order in which upstream prints a receiver's lists. */
export const RECEIVER_KINDS: readonly AnyReceiverKind[] = [
  discord,
  email,
  incidentio,
  pagerduty,
  slack,
  webhook,
  opsgenie,
  wechat,
  pushover,
  victorops,
  sns,
  telegram,
  webex,
  msteams,
  msteamsv2,
  jira,
  rocketchat,
  mattermost,
] as never;
