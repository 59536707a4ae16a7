/** Thrown if a release cannot be built as requested. The message describes the problem and what to do. */
export class ReleaseError extends Error {
  override readonly name = "ReleaseError";
}
