import type { Integration } from "@narthex/notification";
import { Attempt, deliveryOutcome } from "./attempt.ts";
import type { IntegrationConfig, ReceiverKind, SenderTools } from "./receiver-kind.ts";
import { secretsIn } from "./redaction.ts";
import { targetOf } from "./target.ts";
import type { Renderer } from "./templates/renderer.ts";

export interface OpenIntegration extends Integration {
  close(): Promise<void>;
}

/** One integration of a receiver: its kind, its index in the list of that kind, and its settings. */
interface Configured<C extends IntegrationConfig> {
  readonly kind: Pick<ReceiverKind<C>, "kind" | "open" | "showsContext" | "target">;
  readonly index: number;
  readonly config: C;
}

export interface IntegrationContext {
  readonly tools: SenderTools;
  readonly renderer: Renderer;
}

/** Opens an integration for sending. Its reports of failures contain no secrets and are at most 1 KiB long. */
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
    showsContext: kind.showsContext ?? false,
    target: targetOf(kind, config),
    async deliver(notification, signal) {
      const render = renderer.for(notification);
      const attempt = new Attempt({ notification, render, signal, secrets, rateLimits });
      return attempt.report(await deliveryOutcome(() => sender.send(attempt)));
    },
    close: () => sender.close(),
  };
}
