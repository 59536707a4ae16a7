/** Frames, or bytes and JSON that should be frames, are not of the shape that they must have. The message says where. */
export class FrameFormatError extends Error {
  override readonly name = "FrameFormatError";
}
