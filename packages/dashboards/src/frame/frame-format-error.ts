/** Thrown if frames, or the bytes or JSON of frames, are malformed. The message names the place. */
export class FrameFormatError extends Error {
  override readonly name = "FrameFormatError";
}
