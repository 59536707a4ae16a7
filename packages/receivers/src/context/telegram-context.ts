import type { NotificationContext } from "@narthex/notification";
import type { Attempt } from "../attempt.ts";
import type { HttpPoster } from "../http/http-poster.ts";
import { truncateRunes } from "../templates/truncate.ts";
import { escapedHtml } from "./escaped-html.ts";

/** Largest picture that is sent. Telegram accepts photos of up to 10 MB. */
const MAX_PICTURE = 2 * 1024 * 1024;
/** Maximum length of a caption for Telegram, in code points. */
const MAX_CAPTION = 1024;
const TIMEOUT_MS = 10_000;

/** Returns the lines of the context as the end of a message in a parse mode. */
export function telegramLines({ lines }: NotificationContext, parseMode: string): string {
  const escape = ESCAPES.get(parseMode) ?? ((text: string) => text);
  return lines.map((line) => `\n${escape(line)}`).join("");
}

const ESCAPES: ReadonlyMap<string, (text: string) => string> = new Map([
  ["HTML", escapedHtml],
  ["Markdown", (text: string) => text.replaceAll(/[_*`[]/g, String.raw`\$&`)],
  ["MarkdownV2", (text: string) => text.replaceAll(/[_*[\]()~`>#+\-=|{}.!\\]/g, String.raw`\$&`)],
]);

/**
 * Sends the picture of the context as a message of its own, without a sound. A failure is ignored, because the
 * notification has been sent before.
 */
export async function sendTelegramPicture(
  poster: HttpPoster,
  url: string,
  { chat, thread }: { readonly chat: string; readonly thread: number },
  attempt: Attempt,
): Promise<void> {
  const { picture } = attempt.notification.context ?? {};
  const file = await picture?.png(MAX_PICTURE);
  if (picture === undefined || file === undefined) return;
  const form = new FormData();
  form.set("chat_id", chat);
  if (thread !== 0) form.set("message_thread_id", String(thread));
  form.set("disable_notification", "true");
  form.set("caption", truncateRunes(picture.title, MAX_CAPTION));
  form.set("photo", new Blob([Buffer.from(file)], { type: "image/png" }), "alert.png");
  const encoded = new Response(form);
  const body = new Uint8Array(await encoded.arrayBuffer());
  const headers = { "content-type": encoded.headers.get("content-type")! };
  await poster.post(url, body, { attempt, headers, timeoutMs: TIMEOUT_MS, service: "telegram" });
}
