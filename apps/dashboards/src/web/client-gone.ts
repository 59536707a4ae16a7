import type { FastifyReply } from "fastify";
import { refusal } from "./refusal.ts";

/** Status for a disconnected client. The status is not sent, but appears in metrics, as in those of proxies. */
const CLIENT_GONE = 499;

/**
 * Runs work while the client is connected: the signal ends it when the client disconnects. Rejects with a refusal then.
 */
export async function answersWhileAwaited<T>(
  reply: FastifyReply,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const onClose = (): void => controller.abort(new Error("the client is gone"));
  reply.raw.once("close", onClose);
  try {
    return await work(controller.signal);
  } catch (error) {
    throw controller.signal.aborted ? refusal(CLIENT_GONE, "the client is gone") : error;
  } finally {
    reply.raw.off("close", onClose);
  }
}
