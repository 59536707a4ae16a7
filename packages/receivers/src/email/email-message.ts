import { createHash, randomBytes } from "node:crypto";
import { formatLayout, GoTime } from "@narthex/template";
import addressparser from "nodemailer/lib/addressparser";
import MimeNode from "nodemailer/lib/mime-node";
import { type Notification, PermanentError } from "@narthex/notification";
import { type MailContext, mailContext, mediaType, PICTURE_ID, withMailContext } from "../context/mail-context.ts";
import type { EmailConfig } from "./email-section.ts";
import { isTemplateFault, type Rendering } from "../templates/renderer.ts";

export interface Mail {
  readonly from: string;
  readonly to: readonly string[];
  readonly raw: Buffer;
}

export interface MailContents {
  readonly notification: Notification;
  readonly render: Rendering;
  /** Current time, ms since 1970. */
  readonly now: number;
  readonly hostname: string;
}

/**
 * Renders the templates of a mail and encodes the mail. Throws PermanentError if a template fails or an address is
 * invalid.
 */
export async function composeMail(config: EmailConfig, contents: MailContents): Promise<Mail> {
  const { render } = contents;
  const from = addresses("from", render, config.from);
  if (from.length !== 1) throw new PermanentError(`must be exactly one 'from' address (got: ${from.length})`);
  const to = addresses("to", render, config.to);
  const context = await mailContext(contents.notification.context);
  const root = new MimeNode(mediaType(context), { newline: "\r\n", keepBcc: true });
  for (const [name, value] of headersOf(config, contents)) root.setHeader(name, value);
  if (context !== undefined) root.setHeader("Content-Type", mediaType(context));
  const texts = context?.picture === undefined ? root : root.createChild("multipart/alternative");
  for (const { type, content } of partsOf(config, render)) {
    const part = texts.createChild(`${type}; charset=UTF-8`);
    part.setHeader("Content-Transfer-Encoding", "quoted-printable");
    part.setContent(context === undefined ? content : withMailContext(content, type, context));
  }
  addPicture(root, context);
  return { from: from[0]!, to, raw: await root.build() };
}

/** Adds the picture to a mail whose media type is that of `mediaType`. */
function addPicture(root: MimeNode, context: MailContext | undefined): void {
  if (context?.picture === undefined) return;
  const part = root.createChild("image/png", { filename: "alert.png" });
  part.setHeader("Content-Id", `<${PICTURE_ID}>`);
  part.setHeader("Content-Disposition", "inline; filename=alert.png");
  part.setHeader("Content-Transfer-Encoding", "base64");
  part.setContent(Buffer.from(context.picture.file));
}

/** Calls a function that renders a template. Puts `what` in front of the error message. */
function rendered(what: string, run: () => string): string {
  try {
    return run();
  } catch (error) {
    if (isTemplateFault(error)) throw new PermanentError(`execute ${what}: ${error.message}`);
    throw error;
  }
}

function addresses(field: "from" | "to", render: Rendering, template: string): string[] {
  const text = rendered(`'${field}' template`, () => render.text(template));
  const found = addressparser(text, { flatten: true });
  if (found.length > 0 && found.every(({ address, name }) => isAddress(address) && !hidesAddress(name, text))) {
    return found.map(({ address }) => address);
  }
  throw new PermanentError(`parse '${field}' addresses: mail: ${JSON.stringify(text)} is not a list of addresses`);
}

const isAddress = (text: string): boolean => /^(?:"[^"\r\n]*"|[^\s"<>@]+)@[^\s<>@]+$/.test(text);

/**
 * Reports whether the display name of a mail address contains another address. The parser reads `a@b c@d`, which lacks
 * a comma, as the address `a@b` with the name `c@d`. Then `c@d` would get no mail.
 */
const hidesAddress = (name: string, text: string): boolean => /[@<>]/.test(name) && !text.includes(`"${name}"`);

function headersOf(config: EmailConfig, contents: MailContents): [string, string][] {
  const { render, now, hostname, notification } = contents;
  const headers = [...config.headers].map(([name, template]): [string, string] => [
    name,
    rendered(`${JSON.stringify(name)} header template`, () => render.text(template)),
  ]);
  if (!config.headers.has("Message-Id")) {
    const unique = `${BigInt(Math.floor(now * 1000)) * 1000n}.${randomBytes(8).readBigUInt64BE()}`;
    headers.push(["Message-Id", `<${unique}@${hostname}>`]);
  }
  if (config.threading.enabled) {
    const thread = threadOf(config, notification, now);
    headers.push(["References", thread], ["In-Reply-To", thread]);
  }
  const date = formatLayout("Mon, 02 Jan 2006 15:04:05 -0700", GoTime.ofMilliseconds(now).wallClock());
  return [...headers, ["Date", date], ["Content-Type", "multipart/alternative"]];
}

/**
 * Returns the text and HTML parts of a mail. The HTML part is last, because mail programs prefer the last part (RFC
 * 2046, 5.1.4).
 */
function partsOf({ text, html }: EmailConfig, render: Rendering): { type: string; content: string }[] {
  const parts = [];
  if (text !== "") parts.push({ type: "text/plain", content: rendered("text template", () => render.text(text)) });
  if (html !== "") parts.push({ type: "text/html", content: rendered("html template", () => render.html(html)) });
  return parts;
}

/**
 * Returns the message id to which all mails of an alert group refer, or all mails of the group on one day. Mail
 * programs show mails that refer to the same id as one conversation.
 */
function threadOf({ threading }: EmailConfig, { groupKey }: Notification, now: number): string {
  const hash = createHash("sha256").update(groupKey).digest("hex").slice(0, 16);
  return `<alert-${hash}-${threading.byDate === "daily" ? localDay(now) : ""}@alertmanager>`;
}

/** Returns the date of `now`, such as `2026-11-20`, in the machine's time zone. */
function localDay(now: number): string {
  const date = new Date(now);
  const two = (value: number): string => String(value).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}
