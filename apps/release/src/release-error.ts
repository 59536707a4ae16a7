/** A release that cannot be made as asked: the sentence names what is wrong and the mend. */
export class ReleaseError extends Error {
  override readonly name = "ReleaseError";
}
