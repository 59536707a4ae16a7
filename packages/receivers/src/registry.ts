/**
 * The kinds of receivers. To add one:
 * 1. Copy kinds/webex.ts, one of the shortest, to a file next to it that is named after the kind.
 * 2. Write the kind's `key` and name, its section, `resolve` with the values of `global`, and `open`, which creates the
 * sender.
 * 3. Add it to RECEIVER_KINDS below, at the position where Alertmanager prints its list.
 * 4. Write a test next to it, like kinds/webex.test.ts.
 * 5. Add its row to docs/alerts.md.
 */

import { email } from "./email/email.ts";
import { discord } from "./kinds/discord.ts";
import { incidentio } from "./kinds/incidentio.ts";
import { jira } from "./kinds/jira.ts";
import { mattermost } from "./kinds/mattermost.ts";
import { msteams } from "./kinds/msteams.ts";
import { msteamsv2 } from "./kinds/msteamsv2.ts";
import { opsgenie } from "./kinds/opsgenie.ts";
import { pagerduty } from "./kinds/pagerduty.ts";
import { pushover } from "./kinds/pushover.ts";
import { rocketchat } from "./kinds/rocketchat.ts";
import { sns } from "./kinds/sns.ts";
import { telegram } from "./kinds/telegram.ts";
import { victorops } from "./kinds/victorops.ts";
import { webex } from "./kinds/webex.ts";
import { webhook } from "./kinds/webhook.ts";
import { wechat } from "./kinds/wechat.ts";
import type { IntegrationConfig, ReceiverKind } from "./receiver-kind.ts";
import { slack } from "./slack/slack.ts";

/** A kind of receiver in the registry, without the type of its settings. */
export type AnyReceiverKind = ReceiverKind<IntegrationConfig>;

/** All kinds of receivers in this build, in the order in which Alertmanager prints a receiver's lists. */
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
