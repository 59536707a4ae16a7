import type { Integration } from "@narthex/notification";
import {
  type IntegrationContext,
  openIntegration,
  type OpenIntegration,
  type ReceiverConfig,
} from "@narthex/receivers";

/** The integrations of all receivers that are in use, and a function that closes them. */
export interface OpenIntegrations {
  readonly byReceiver: ReadonlyMap<string, readonly Integration[]>;
  close(): Promise<void>;
}

/**
 * Opens the integrations of the receivers that routes use; other receivers stay closed. If an integration cannot be
 * opened, closes the opened ones and rejects.
 * @param pause is awaited after each receiver, so that other work can run
 */
export async function openIntegrations(
  receivers: readonly ReceiverConfig[],
  used: ReadonlySet<string>,
  context: IntegrationContext,
  pause: () => Promise<void> | undefined = () => undefined,
): Promise<OpenIntegrations> {
  const byReceiver = new Map<string, OpenIntegration[]>();
  const close = async (): Promise<void> =>
    void (await Promise.all([...byReceiver.values()].flat().map((integration) => integration.close())));
  for (const receiver of receivers.filter(({ name }) => used.has(name))) {
    const opened: OpenIntegration[] = [];
    byReceiver.set(receiver.name, opened);
    for (const configured of receiver.integrations) {
      const integration = await openIntegration(configured, context).catch(async (error: unknown) => {
        await close();
        throw error;
      });
      opened.push(integration);
    }
    await pause();
  }
  return { byReceiver, close };
}
