import type { IntegrationConfig, ReceiverKind } from "./contract.ts";
import { email } from "./email.ts";
import { incidentio } from "./incidentio.ts";
import { opsgenie } from "./opsgenie.ts";
import { pagerduty } from "./pagerduty.ts";
import { pushover } from "./pushover.ts";
import { slack } from "./slack.ts";
import { telegram } from "./telegram.ts";
import { victorops } from "./victorops.ts";
import { webhook } from "./webhook.ts";

/** A kind whose settings are known to itself alone. */
export type AnyReceiverKind = ReceiverKind<IntegrationConfig>;

/** Every kind of receiver that this build sends with, in the order in which upstream prints a receiver's lists. */
export const RECEIVER_KINDS: readonly AnyReceiverKind[] = [
  email,
  incidentio,
  pagerduty,
  slack,
  webhook,
  opsgenie,
  pushover,
  victorops,
  telegram,
] as never;
