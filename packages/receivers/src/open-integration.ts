import type { Integration } from "@narthex/notification";
import { Attempt, deliveryOutcome } from "./attempt.ts";
import type { IntegrationConfig, ReceiverKind, SenderTools } from "./receiver-kind.ts";
import { secretsIn } from "./redaction.ts";
import type { Renderer } from "./templates/renderer.ts";

/** An integration that is open until it is closed. */
export interface OpenIntegration extends Integration {
  close(): Promise<void>;
}

/** One integration of a receiver: its kind, its place in the kind's list, its settings. */
interface Configured<C extends IntegrationConfig> {
  readonly kind: Pick<ReceiverKind<C>, "kind" | "open">;
  readonly index: number;
  readonly config: C;
}

/** What integrations are opened with; shared by all of a configuration. */
export interface IntegrationContext {
  readonly tools: SenderTools;
  readonly renderer: Renderer;
}

/** Opens an integration. What it reports of a failure holds none of its secrets and is 1 KiB at most. */
export async function openIntegration<C extends IntegrationConfig>(
  { kind, index, config }: Configured<C>,
  { tools, renderer }: IntegrationContext,
): Promise<OpenIntegration> {
  const sender = await kind.open(config, tools);
  const secrets = secretsIn(config);
  const { rateLimits } = tools;
  return {
    kind: kind.kind,
    index,
    sendResolved: config.sendResolved,
    async deliver(notification, signal) {
      const render = renderer.for(notification);
      const attempt = new Attempt({ notification, render, signal, secrets, rateLimits });
      return attempt.report(await deliveryOutcome(() => sender.send(attempt)));
    },
    close: () => sender.close(),
  };
}
