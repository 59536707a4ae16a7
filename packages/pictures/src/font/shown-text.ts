import { textWidth } from "./font.ts";

/** Maximum length of a text in a picture, in UTF-16 units. No line of a picture has room for more. */
const MAX_LENGTH = 300;

/**
 * Characters that are not shown: control characters, which XML forbids, and characters that change the direction of the
 * text around them.
 */
const HIDDEN =
  /[\u{0}-\u{1f}\u{7f}-\u{9f}\u{200b}-\u{200f}\u{2028}-\u{202e}\u{2060}-\u{206f}\u{feff}\u{fff9}-\u{fffb}]+/gu;
const NONCHARACTERS = /[\u{fffe}\u{ffff}]/gu;

/** Returns a text as one line without invisible characters, for pictures of both formats. */
export const shownText = (text: string): string =>
  text
    .slice(0, MAX_LENGTH)
    .toWellFormed()
    .normalize("NFC")
    .replaceAll(HIDDEN, " ")
    .replaceAll(NONCHARACTERS, "\u{fffd}");

/** Returns a text that is at most `room` pixels wide. The end of a longer text is replaced by an ellipsis. */
export function fittingText(text: string, size: number, room: number): string {
  const shown = shownText(text);
  const isCut = text.length > MAX_LENGTH;
  if (!isCut && textWidth(shown, size) <= room) return shown;
  const space = room - textWidth("…", size);
  let width = 0;
  let end = 0;
  for (const character of shown) {
    width += textWidth(character, size);
    if (width > space) break;
    end += character.length;
  }
  return space < 0 ? "" : `${shown.slice(0, end).trimEnd()}…`;
}
