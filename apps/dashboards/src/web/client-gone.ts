import type { FastifyReply } from "fastify";

/** Works while the client waits: the signal ends the work when the client is gone. */
export async function answersWhileAwaited<T>(
  reply: FastifyReply,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const onClose = (): void => controller.abort(new Error("the client is gone"));
  reply.raw.once("close", onClose);
  try {
    return await work(controller.signal);
  } finally {
    reply.raw.off("close", onClose);
  }
}
