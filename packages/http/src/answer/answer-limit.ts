/**
 * Thrown if the answer of a remote store exceeds a limit of this program. Only this answer is refused; the store itself
 * is not at fault.
 */
export class AnswerLimitError extends Error {
  override readonly name = "AnswerLimitError";
}
