/** Reason why a selection waits: the response of another server, or its turn on the event loop. */
export type WaitReason = "server" | "turn";

/** Records how long a selection waits, so that waiting is not counted as work. */
export interface WaitRecorder {
  /** Called when a wait begins. The returned function, called once, ends it. */
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
