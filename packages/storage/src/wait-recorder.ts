/** Reason why a selection of series waits: for the response of another server, or for its turn on the event loop. */
export type WaitReason = "server" | "turn";

/** Records how long a selection of series waits, so that the wait does not count as work of the query. */
export interface WaitRecorder {
  /** Records the start of a wait. The caller calls the returned function once at the end of the wait. */
  begin(reason: WaitReason): () => void;
}

export async function recordedWait<T>(
  waits: WaitRecorder | undefined,
  reason: WaitReason,
  pending: Promise<T>,
): Promise<T> {
  const end = waits?.begin(reason);
  try {
    return await pending;
  } finally {
    end?.();
  }
}
