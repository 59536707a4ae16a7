import type { Delivery, GroupNotice, Integration, NotifiedAlert } from "@narthex/alerting";
import { GoTime } from "@narthex/template";
import type { Notice, NoticeAlert, ReceiverConfig, Renderer, Sender, SenderTools } from "@narthex/receivers";

/** The integrations of all receivers in use, and how to let go of them. */
export interface OpenIntegrations {
  readonly byReceiver: ReadonlyMap<string, readonly Integration[]>;
  close(): Promise<void>;
}

/** Opens what the routes use; a receiver that no route names stays closed. */
export async function openIntegrations(
  receivers: readonly ReceiverConfig[],
  used: ReadonlySet<string>,
  surroundings: { readonly tools: SenderTools; readonly renderer: Renderer; readonly externalUrl: string },
): Promise<OpenIntegrations> {
  const byReceiver = new Map<string, readonly Integration[]>();
  const senders: Sender[] = [];
  for (const receiver of receivers.filter(({ name }) => used.has(name))) {
    const integrations: Integration[] = [];
    for (const { kind, index, config } of receiver.integrations) {
      const sender = await kind.open(config, surroundings.tools);
      senders.push(sender);
      integrations.push({
        kind: kind.kind,
        index,
        sendResolved: config.sendResolved,
        deliver: (group, signal) => deliver(sender, group, signal, surroundings),
      });
    }
    byReceiver.set(receiver.name, integrations);
  }
  return { byReceiver, close: async () => void (await Promise.all(senders.map((sender) => sender.close()))) };
}

function deliver(
  sender: Sender,
  group: GroupNotice,
  signal: AbortSignal,
  { renderer, externalUrl }: { readonly renderer: Renderer; readonly externalUrl: string },
): Promise<Delivery> {
  const notice: Notice = {
    receiver: group.receiver,
    alerts: group.alerts.map(noticeAlert),
    reason: group.reason,
    groupLabels: group.groupLabels.toRecord(),
    routeLabels: Object.fromEntries(group.routeLabels),
    externalUrl,
    groupKey: group.groupKey,
  };
  return sender.send({ notice, render: renderer.for(notice), data: group.data, signal });
}

const noticeAlert = (alert: NotifiedAlert): NoticeAlert => ({
  status: alert.resolved ? "resolved" : "firing",
  labels: alert.labels.toRecord(),
  annotations: alert.annotations.toRecord(),
  startsAt: GoTime.ofMilliseconds(alert.startsAt),
  endsAt: alert.resolved ? GoTime.ofMilliseconds(alert.endsAt) : GoTime.ZERO,
  generatorUrl: alert.generatorUrl,
  fingerprint: alert.fingerprint,
});
