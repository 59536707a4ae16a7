import type { FastifyReply } from "fastify";
import { refusal } from "./refusal.ts";

/** A client that is gone is told nothing; the status says so in metrics, as proxies count it. */
const CLIENT_GONE = 499;

/** Works while the client waits: the signal ends the work when the client is gone. Rejects with a refusal then. */
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
