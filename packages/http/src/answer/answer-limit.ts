/**
 * Error that the answer of a remote store exceeds a limit of this program. Only this answer is refused; the store has
 * not failed.
 */
export class AnswerLimitError extends Error {
  override readonly name = "AnswerLimitError";
}
