/** What a selection waits for: an answer of another server, or its next turn on the thread. */
export type WaitReason = "server" | "turn";

/** Is told when a selection waits, so that its work can be told apart from what passes meanwhile. */
export interface WaitRecorder {
  /** A wait begins; the returned function, to be called once, says that it is over. */
  begin(reason: WaitReason): () => void;
}

/** Waits for a promise, and says so. */
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
