import type { NotificationContext } from "@narthex/notification";
import { escapedHtml } from "./escaped-html.ts";

/** Largest picture in a mail, bytes. */
const MAX_PICTURE = 2 * 1024 * 1024;
/** Id of the picture, to which the HTML of the mail refers. */
export const PICTURE_ID = "picture@alertmanager";

/** The context of a mail, with the file of its picture. */
export interface MailContext {
  readonly lines: readonly string[];
  readonly picture: { readonly file: Uint8Array; readonly title: string; readonly width: number } | undefined;
}

/** Returns the context of a mail. Returns undefined if there is nothing to show. */
export async function mailContext(context: NotificationContext | undefined): Promise<MailContext | undefined> {
  if (context === undefined) return undefined;
  const { lines, picture } = context;
  const file = await picture?.png(MAX_PICTURE);
  if (picture === undefined || file === undefined)
    return lines.length === 0 ? undefined : { lines, picture: undefined };
  return { lines, picture: { file, title: picture.title, width: picture.width } };
}

/** Returns the media type of a mail. Its texts and the picture to which they refer are related parts. */
export const mediaType = (context: MailContext | undefined): string =>
  context?.picture === undefined ? "multipart/alternative" : "multipart/related";

/** Adds the lines and the picture at the end of a text of the mail. */
export function withMailContext(content: string, type: string, { lines, picture }: MailContext): string {
  if (type !== "text/html") return lines.length === 0 ? content : `${content}\n\n${lines.join("\n")}\n`;
  const style = "font-family:Helvetica,Arial,sans-serif;font-size:14px;max-width:720px;margin:16px auto;padding:0 20px";
  const paragraphs = lines.map((line) => `<p style="margin:8px 0">${escapedHtml(line)}</p>`).join("");
  const image =
    picture === undefined
      ? ""
      : `<img src="cid:${PICTURE_ID}" alt="${escapedHtml(picture.title)}" width="${picture.width}" style="max-width:100%;height:auto">`;
  const added = `<div style="${style}">${image}${paragraphs}</div>`;
  const end = content.lastIndexOf("</body>");
  return end < 0 ? content + added : content.slice(0, end) + added + content.slice(end);
}
