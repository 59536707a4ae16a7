import { textOf } from "../metrics/utf8-text.ts";

/** Text behind URL-safe base64, or where it is broken, in the words of Go's decoder. */
export type Decoded = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly message: string };

const ALPHABET = /[A-Za-z0-9_-]/;

/** Decodes the URL-safe alphabet of RFC 4648; padding may be there or not, a lone `=` is the empty text. */
export function decodeUrlBase64(encoded: string): Decoded {
  const bare = encoded.replace(/=+$/, "");
  for (let i = 0; i < bare.length; i++) if (!ALPHABET.test(bare[i]!)) return corruptAt(i);
  // One left over of a group of four is six bits: no byte.
  if (bare.length % 4 === 1) return corruptAt(bare.length - 1);
  return { ok: true, text: textOf(Buffer.from(bare, "base64url")) };
}

const corruptAt = (index: number): Decoded => ({
  ok: false,
  message: `illegal base64 data at input byte ${index}`,
});
