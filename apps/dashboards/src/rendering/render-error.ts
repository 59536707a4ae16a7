/** A rendering that failed. The message is shown to the user, and contains no secret. */
export class RenderError extends Error {
  override readonly name = "RenderError";
}
