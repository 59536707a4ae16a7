/** Reason why a selection waits: the answer of another server, or the next turn of the event loop. */
export type WaitReason = "server" | "turn";

/** Records the times for which a selection waits, so that its work can be measured without the waits. */
export interface WaitRecorder {
  /** Called when a wait begins. The returned function, called once, ends it. */
  begin(reason: WaitReason): () => void;
}

/** Waits for a promise and records the wait. */
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
