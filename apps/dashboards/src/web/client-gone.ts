import type { FastifyReply } from "fastify";
import { refusal } from "./refusal.ts";

/**
 * HTTP status of a request whose client has disconnected. The status is never sent, but appears in metrics. Proxies use
 * the same number.
 */
const CLIENT_GONE = 499;

/**
 * Runs `work` while the client is connected. When the client disconnects, the signal is aborted and the promise is
 * rejected with Refusal.
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
