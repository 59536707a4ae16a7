import type { IntegrationConfig, ReceiverKind } from "./contract.ts";
import { email } from "./email.ts";
import { slack } from "./slack.ts";
import { webhook } from "./webhook.ts";

/** A kind whose settings are known to itself alone. */
export type AnyReceiverKind = ReceiverKind<IntegrationConfig>;

/** Every kind of receiver that this build sends with. */
export const RECEIVER_KINDS: readonly AnyReceiverKind[] = [email, slack, webhook] as never;
