import { percentBytes } from "@narthex/bytes";

/** Decodes UTF-8 text in which each char of the string is one byte. */
export const decodeUtf8 = (bytes: string): string => Buffer.from(bytes, "latin1").toString();

/** Encodes text as UTF-8 so that each char of the string is one byte. */
export const encodeUtf8 = (text: string): string => Buffer.from(text).toString("latin1");

const BAD_PERCENT = /%(?![0-9a-fA-F]{2})/;

/** Decodes percent escapes. Returns undefined if one is malformed. */
export const decodePercents = (text: string): string | undefined =>
  BAD_PERCENT.test(text) ? undefined : percentBytes(encodeUtf8(text)).toString();

const LEADING_BLANKS = /^[ \t]+/;

export const withoutBlanks = (text: string): string => text.replace(LEADING_BLANKS, "");
