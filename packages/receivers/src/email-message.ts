import { createHash, randomBytes } from "node:crypto";
import { formatLayout, GoTime } from "@narthex/template";
import type { EmailConfig } from "./email-section.ts";
import { AddressError, parseAddresses } from "./mail-address.ts";
import { encodeHeader, quotedPrintable } from "./mail-encoding.ts";
import type { Notice } from "./notice-data.ts";
import { isTemplateFault, type Rendering } from "./renderer.ts";

/** A mail ready to be sent. */
export interface Mail {
  readonly from: string;
  readonly to: readonly string[];
  readonly raw: Buffer;
}

/** A mail that cannot be written, now or later: a template that fails, an address that is none. */
export class MailFault extends Error {
  override readonly name = "MailFault";
}

/** What a mail is made of. */
export interface MailOccasion {
  readonly notice: Notice;
  readonly render: Rendering;
  /** Unix ms. */
  readonly now: number;
  readonly hostname: string;
}

/** Renders and encodes the mail. Throws MailFault. */
export function composeMail(config: EmailConfig, occasion: MailOccasion): Mail {
  const { render } = occasion;
  const from = addresses("from", render, config.from);
  if (from.length !== 1) throw new MailFault(`must be exactly one 'from' address (got: ${from.length})`);
  const to = addresses("to", render, config.to);
  const boundary = randomBytes(30).toString("hex");
  const headers = [...headersOf(config, occasion), ...lastHeaders(occasion.now, boundary)];
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`);
  const parts = partsOf(config, render).map(
    ({ type, content }) =>
      `--${boundary}\r\nContent-Transfer-Encoding: quoted-printable\r\nContent-Type: ${type}; charset=UTF-8\r\n\r\n${quotedPrintable(content)}\r\n`,
  );
  return { from: from[0]!, to, raw: Buffer.from(`${lines.join("")}\r\n${parts.join("")}--${boundary}--\r\n`) };
}

/** Runs a template, naming it when it fails. */
function attempt(what: string, run: () => string): string {
  try {
    return run();
  } catch (error) {
    if (isTemplateFault(error)) throw new MailFault(`execute ${what}: ${error.message}`, { cause: error });
    throw error;
  }
}

function addresses(field: "from" | "to", render: Rendering, template: string): string[] {
  const text = attempt(`'${field}' template`, () => render.text(template));
  try {
    return parseAddresses(text);
  } catch (error) {
    if (!(error instanceof AddressError)) throw error;
    throw new MailFault(`parse '${field}' addresses: ${error.message}`, { cause: error });
  }
}

function headersOf(config: EmailConfig, occasion: MailOccasion): [string, string][] {
  const { render, now, hostname, notice } = occasion;
  const headers = [...config.headers].map(([name, template]): [string, string] => [
    name,
    encodeHeader(attempt(`${JSON.stringify(name)} header template`, () => render.text(template))),
  ]);
  if (!config.headers.has("Message-Id")) {
    const unique = `${BigInt(Math.floor(now * 1000)) * 1000n}.${randomBytes(8).readBigUInt64BE()}`;
    headers.push(["Message-Id", `<${unique}@${hostname}>`]);
  }
  if (config.threading.enabled) {
    const thread = threadOf(config, notice, now);
    headers.push(["References", thread], ["In-Reply-To", thread]);
  }
  return headers;
}

const lastHeaders = (now: number, boundary: string): [string, string][] => [
  ["Date", formatLayout("Mon, 02 Jan 2006 15:04:05 -0700", GoTime.ofMilliseconds(now).wallClock())],
  ["Content-Type", `multipart/alternative;  boundary=${boundary}`],
  ["MIME-Version", "1.0"],
];

/** The preferred form comes last (RFC 2046, 5.1.4). */
function partsOf({ text, html }: EmailConfig, render: Rendering): { type: string; content: string }[] {
  const parts = [];
  if (text !== "") parts.push({ type: "text/plain", content: attempt("text template", () => render.text(text)) });
  if (html !== "") parts.push({ type: "text/html", content: attempt("html template", () => render.html(html)) });
  return parts;
}

/** One id per group, or per group and day: mail programs show what refers to it together. */
function threadOf({ threading }: EmailConfig, { groupKey }: Notice, now: number): string {
  const hash = createHash("sha256").update(groupKey).digest("hex").slice(0, 16);
  return `<alert-${hash}-${threading.byDate === "daily" ? localDay(now) : ""}@alertmanager>`;
}

/** `2026-11-20` on the machine's calendar. */
function localDay(now: number): string {
  const date = new Date(now);
  const two = (value: number): string => String(value).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}
