import type { NotificationContext } from "@narthex/notification";
import type { Attempt } from "../attempt.ts";
import { type HttpPoster, isDelivery } from "../http/http-poster.ts";

/** Largest picture that is uploaded, bytes. */
const MAX_PICTURE = 2 * 1024 * 1024;

type SlackMessage = Record<string, unknown>;

/** Returns a message with the lines of its context as a further attachment. */
export function withSlackContext(message: SlackMessage, context: NotificationContext | undefined): SlackMessage {
  if (context === undefined || context.lines.length === 0) return message;
  const text = context.lines.map(escapedText).join("\n");
  const attachments = message["attachments"] as readonly unknown[];
  return { ...message, attachments: [...attachments, { text, fallback: text, mrkdwn_in: [] }] };
}

/** Escapes a text as Slack requires. */
const escapedText = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

interface SlackUpload {
  readonly poster: HttpPoster;
  readonly token: string;
  /** Address of Slack's API, without a slash at its end. */
  readonly base: string;
  readonly timeoutMs: number;
}

/**
 * Uploads the picture of the context as a reply to a message. The app needs the scope `files:write`. A failure is
 * ignored, because the notification has been sent before.
 */
export async function shareSlackPicture(
  { poster, token, base, timeoutMs }: SlackUpload,
  { channel, ts }: { readonly channel: string; readonly ts: string },
  attempt: Attempt,
): Promise<void> {
  const { picture } = attempt.notification.context ?? {};
  const file = await picture?.png(MAX_PICTURE);
  if (picture === undefined || file === undefined) return;
  const call = async (method: string, fields: Readonly<Record<string, string>>): Promise<SlackMessage | undefined> => {
    const headers = {
      authorization: `Bearer ${token}`,
      "content-type": "application/x-www-form-urlencoded; charset=utf-8",
    };
    const body = new URLSearchParams(fields).toString();
    const answer = await poster.post(`${base}/${method}`, body, { attempt, headers, timeoutMs, service: "slack" });
    return isDelivery(answer) ? undefined : successIn(answer.body);
  };
  const place = await call("files.getUploadURLExternal", { filename: "alert.png", length: String(file.length) });
  const [url, id] = [place?.["upload_url"], place?.["file_id"]];
  if (typeof url !== "string" || typeof id !== "string" || !isUploadUrl(url, base)) return;
  const headers = { "content-type": "image/png" };
  const uploaded = await poster.post(url, file, { attempt, headers, timeoutMs, service: "slack" });
  if (isDelivery(uploaded) || uploaded.status !== 200) return;
  const files = JSON.stringify([{ id, title: picture.title.slice(0, 200) }]);
  await call("files.completeUploadExternal", { files, channel_id: channel, thread_ts: ts });
}

/** Reports whether a picture may be sent to the URL: an address of the protocol of Slack's API. */
const isUploadUrl = (url: string, base: string): boolean => URL.parse(url)?.protocol === URL.parse(base)?.protocol;

/** Returns the JSON of a successful answer, or undefined. */
function successIn(body: string): SlackMessage | undefined {
  try {
    const answer = JSON.parse(body) as SlackMessage | null;
    return answer?.["ok"] === true ? answer : undefined;
  } catch {
    return undefined;
  }
}
