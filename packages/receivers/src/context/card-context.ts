import type { NotificationContext } from "@narthex/notification";
import type { Attempt } from "../attempt.ts";

/** Longest message that Teams accepts, bytes. */
const MAX_MESSAGE = 28 * 1024;
/** Smaller pictures show nothing. */
const MIN_PICTURE = 1024;

interface CardAttachment {
  readonly contentType: string;
  readonly contentUrl: null;
  /** The card, with further members. */
  readonly content: Readonly<Record<string, unknown>> & { readonly body: readonly object[] };
}

/** A message with one adaptive card. */
export interface CardMessage {
  readonly type: string;
  readonly attachments: readonly CardAttachment[];
}

const escapedMarkdown = (text: string): string => text.replaceAll(/[\\`*_{}[\]<>#|~]/g, String.raw`\$&`);

/** Returns the lines of a context as paragraphs of Markdown. */
export const cardLines = (context: NotificationContext | undefined): string =>
  (context?.lines ?? []).map((line) => `\n\n${escapedMarkdown(line)}`).join("");

/**
 * Writes a message with the lines of its context, and with the picture if the message is short enough for Teams.
 * Without a context, the message is unchanged.
 */
export async function withCardContext(
  message: CardMessage,
  { notification: { context } }: Attempt,
  write: (message: CardMessage) => string,
): Promise<string> {
  if (context === undefined) return write(message);
  const lines = context.lines.map((line) => ({
    type: "TextBlock",
    text: escapedMarkdown(line),
    wrap: true,
    isSubtle: true,
  }));
  const withLines = withElements(message, lines);
  const { picture } = context;
  const image = (url: string): object => ({
    type: "Image",
    url,
    altText: picture?.title.slice(0, 200),
    size: "Stretch",
  });
  const text = write(withElements(withLines, [image("data:image/png;base64,")]));
  const room = Math.floor((MAX_MESSAGE - Buffer.byteLength(text)) / 4) * 3;
  const file = room < MIN_PICTURE ? undefined : await picture?.png(room);
  if (file !== undefined)
    return write(withElements(withLines, [image(`data:image/png;base64,${Buffer.from(file).toString("base64")}`)]));
  const plain = write(withLines);
  return Buffer.byteLength(plain) <= MAX_MESSAGE ? plain : write(message);
}

/** Returns a message whose card has further elements. */
function withElements(message: CardMessage, elements: readonly object[]): CardMessage {
  const attachments = message.attachments.map((attachment) => ({
    ...attachment,
    content: { ...attachment.content, body: [...attachment.content.body, ...elements] },
  }));
  return { ...message, attachments };
}
