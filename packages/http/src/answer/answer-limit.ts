/** An answer goes beyond a limit of ours: this is refused alone, and says nothing of the store. */
export class AnswerLimitError extends Error {
  override readonly name = "AnswerLimitError";
}
