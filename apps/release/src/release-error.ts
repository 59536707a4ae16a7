/** A release that cannot be built as requested; the message names the problem and what to do. */
export class ReleaseError extends Error {
  override readonly name = "ReleaseError";
}
