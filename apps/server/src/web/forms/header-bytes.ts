/** Decodes UTF-8 text in which each char of the string is one byte. */
export const decodeUtf8 = (bytes: string): string => Buffer.from(bytes, "latin1").toString();

/** Encodes text as UTF-8 so that each char of the string is one byte. */
export const encodeUtf8 = (text: string): string => Buffer.from(text).toString("latin1");

const BAD_PERCENT = /%(?![0-9a-fA-F]{2})/;
const PERCENT = /%([0-9a-fA-F]{2})/g;

/** Decodes percent escapes. Returns undefined if one is malformed. */
export function decodePercents(text: string): string | undefined {
  if (BAD_PERCENT.test(text)) return undefined;
  return decodeUtf8(
    encodeUtf8(text).replace(PERCENT, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
  );
}

const LEADING_BLANKS = /^[ \t]+/;

export const withoutBlanks = (text: string): string => text.replace(LEADING_BLANKS, "");
