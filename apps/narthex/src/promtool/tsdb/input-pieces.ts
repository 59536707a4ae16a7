import { closeSync, fstatSync, openSync, readFileSync, readSync } from "node:fs";

/** OpenMetrics text that is read in pieces, each of which is a valid text. The text can be read several times. */
export type InputPieces = () => Iterable<Uint8Array>;

const PIECE_BYTES = 16 * 1024 * 1024;
const LINE_END = 0x0a;
const END = Buffer.from("# EOF\n");

/**
 * Splits a file at line ends, so that it may be larger than the memory. Each piece ends with `# EOF` (the last one only
 * if the file does) and is valid until the next piece is read.
 */
export function inputPieces(path: string, pieceBytes = PIECE_BYTES): InputPieces {
  const fd = openSync(path, "r");
  try {
    // The input is a pipe, which can be read only once.
    if (!fstatSync(fd).isFile()) {
      const whole = readFileSync(fd);
      return () => [whole];
    }
  } finally {
    closeSync(fd);
  }
  return () => piecesOf(path, pieceBytes);
}

function* piecesOf(path: string, pieceBytes: number): Generator<Uint8Array> {
  const fd = openSync(path, "r");
  try {
    let buffer = Buffer.allocUnsafe(pieceBytes + END.length);
    let length = 0;
    for (;;) {
      const read = readSync(fd, buffer, length, buffer.length - END.length - length, null);
      length += read;
      if (read === 0) {
        yield buffer.subarray(0, length);
        return;
      }
      if (length < buffer.length - END.length) continue;
      // The last line stays for the next piece, so that the last piece is never empty.
      const cut = buffer.lastIndexOf(LINE_END, length - 2) + 1;
      if (cut === 0) {
        // The buffer contains no whole line, because the current line is longer. Doubles the size of the buffer.
        buffer = Buffer.concat([buffer.subarray(0, length)], 2 * length + END.length);
        continue;
      }
      const rest = Buffer.from(buffer.subarray(cut, length));
      END.copy(buffer, cut);
      yield buffer.subarray(0, cut + END.length);
      rest.copy(buffer);
      length = rest.length;
    }
  } finally {
    closeSync(fd);
  }
}
