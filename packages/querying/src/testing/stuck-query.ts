/** Name of the channel on which the thread of `fragile-worker.ts` reports that it runs the query `"stick"`. */
export const STUCK_CHANNEL = "narthex stuck query";

/** Resolves when a thread begins to run the query `"stick"`. Must be called before the query is sent. */
export function stuckQuery(): Promise<void> {
  const channel = new BroadcastChannel(STUCK_CHANNEL);
  return new Promise((resolve) => {
    channel.onmessage = () => {
      channel.close();
      resolve();
    };
  });
}
