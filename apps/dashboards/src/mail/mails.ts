import { escapeHtml } from "../web/escape-html.ts";

/** The contents of a mail, as plain text and as HTML. */
export interface Mail {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** Address for answers, if it is not that of the sender. */
  readonly replyTo?: string;
  readonly attachments?: readonly MailFile[];
}

/** A file in a mail. */
export interface MailFile {
  readonly filename: string;
  readonly contentType: string;
  readonly content: Buffer;
  /** Id under which the HTML part shows a picture. */
  readonly cid?: string;
}

/** The texts of a mail that contains one link. */
interface LinkMail {
  readonly subject: string;
  readonly greeting: string;
  readonly sentence: string;
  /** Text of the link, and its URL. */
  readonly action: string;
  readonly url: string;
  readonly end: string;
}

const HOUR_MS = 3_600_000;

/** Returns the mail that invites a person. */
export const invitationMail = (given: {
  readonly name: string;
  readonly invitedBy: string;
  readonly organization: string;
  readonly url: string;
  readonly lifetimeMs: number;
}): Mail =>
  linkMail({
    subject: `${given.invitedBy} has invited you to join ${given.organization}`,
    greeting: `Hello ${given.name},`,
    sentence: `${given.invitedBy} has invited you to the dashboards of ${given.organization}. Follow this link to choose your login and password:`,
    action: "Accept the invitation",
    url: given.url,
    end: `The invitation is valid for ${durationText(given.lifetimeMs)}, and can be used once.`,
  });

/** Returns the mail for a user who has lost the password. */
export const resetMail = (given: { readonly name: string; readonly url: string; readonly lifetimeMs: number }): Mail =>
  linkMail({
    subject: "Reset your password",
    greeting: `Hello ${given.name},`,
    sentence: "Someone has requested a new password for your account. Follow this link to choose a new password:",
    action: "Choose a new password",
    url: given.url,
    end: `The link is valid for ${durationText(given.lifetimeMs)}, and can be used once. If you have not requested a new password, ignore this mail: your password stays as it is.`,
  });

function linkMail({ subject, greeting, sentence, action, url, end }: LinkMail): Mail {
  const [hello, before, after] = [greeting, sentence, end].map((text) => escapeHtml(oneLine(text)));
  return {
    subject: oneLine(subject),
    text: `${[oneLine(greeting), oneLine(sentence), url, end].join("\n\n")}\n`,
    html: mailPage(subject, [`<p>${hello}</p>`, `<p>${before}</p>`, linkParagraph(action, url), `<p>${after}</p>`]),
  };
}

/** Returns the HTML of a mail from its paragraphs, which are HTML. */
export const mailPage = (subject: string, paragraphs: readonly string[]): string =>
  [
    "<!doctype html>",
    `<html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(oneLine(subject))}</title></head>`,
    '<body style="font-family: sans-serif; line-height: 1.5">',
    ...paragraphs,
    "</body></html>",
    "",
  ].join("\n");

/** Returns the HTML of a paragraph that consists of a link. */
export const linkParagraph = (text: string, url: string): string =>
  `<p><a href="${escapeHtml(url)}">${escapeHtml(oneLine(text))}</a></p>`;

/** Replaces line breaks in a text by spaces, because names of users and of reports could contain them. */
export const oneLine = (text: string): string => text.replaceAll(/\s+/g, " ").trim().slice(0, 500);

/** Returns a duration in words: `2 hours`. */
export function durationText(ms: number): string {
  const [count, unit] =
    ms >= HOUR_MS ? [Math.round(ms / HOUR_MS), "hour"] : [Math.max(1, Math.round(ms / 60_000)), "minute"];
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}
