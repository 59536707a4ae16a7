import { promisify } from "node:util";
import { zstdDecompress } from "node:zlib";
import { MessageError } from "./message-error.ts";
import { MAX_MESSAGE_BYTES } from "./message-limits.ts";

const expand = promisify(zstdDecompress);

/**
 * Decompresses zstd on a thread of Node's pool, up to the largest size of a message. Rejects with a MessageError.
 * @param tooLarge error text for a larger message
 */
export async function unpackZstd(body: Uint8Array, tooLarge: string): Promise<Uint8Array> {
  try {
    return await expand(body, { maxOutputLength: MAX_MESSAGE_BYTES });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw code === "ERR_BUFFER_TOO_LARGE"
      ? new MessageError(413, tooLarge)
      : new MessageError(400, "zstd: corrupt input");
  }
}
