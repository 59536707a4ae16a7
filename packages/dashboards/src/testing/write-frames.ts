import type { FrameAnswer } from "../frame/frame-answer.ts";
import { frameBytes } from "../frame/frame-bytes.ts";

/** Encodes the answers to queries as frameBytes() does, without a pause and as one array. */
export function writeFrames(answers: ReadonlyMap<string, FrameAnswer>): Uint8Array<ArrayBuffer> {
  const steps = frameBytes(answers);
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return joined(value);
  }
}

function joined(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}
