import { createHash, randomBytes } from "node:crypto";
import { formatLayout, GoTime } from "@narthex/template";
import addressparser from "nodemailer/lib/addressparser";
import MimeNode from "nodemailer/lib/mime-node";
import type { EmailConfig } from "./email-section.ts";
import type { Notice } from "./notice-data.ts";
import type { Rendering } from "./renderer.ts";

/** A mail ready to be sent. */
export interface Mail {
  readonly from: string;
  readonly to: readonly string[];
  readonly raw: Buffer;
}

/** An address field that is not usable. */
export class AddressError extends Error {
  override readonly name = "AddressError";
}

/** Plain addresses of a header such as `A <a@x>, b@y`. Throws AddressError. */
function addresses(field: string, header: string): string[] {
  const found = addressparser(header, { flatten: true }).map(({ address }) => address ?? "");
  if (found.length > 0 && found.every((address) => address.includes("@"))) return found;
  throw new AddressError(`parse '${field}' addresses: mail: no address in ${JSON.stringify(header)}`);
}

/** Renders and encodes the mail. Throws TemplateError and AddressError. */
export async function composeMail(
  config: EmailConfig,
  { notice, render, now, hostname }: { notice: Notice; render: Rendering; now: number; hostname: string },
): Promise<Mail> {
  const from = addresses("from", render.text(config.from));
  if (from.length !== 1) throw new AddressError(`must be exactly one 'from' address (got: ${from.length})`);
  const to = addresses("to", render.text(config.to));
  const root = new MimeNode("multipart/alternative", { newline: "\r\n" });
  for (const [name, value] of headersOf(config, notice, render)) root.setHeader(name, value);
  const rfc1123 = formatLayout("Mon, 02 Jan 2006 15:04:05 -0700", GoTime.ofMilliseconds(now).wallClock());
  root.setHeader("Date", rfc1123);
  if (!config.headers.has("Message-Id")) {
    root.setHeader("Message-Id", `<${Math.floor(now)}000000.${randomBytes(8).readBigUInt64BE()}@${hostname}>`);
  }
  if (config.text !== "") addPart(root, "text/plain", render.text(config.text));
  if (config.html !== "") addPart(root, "text/html", render.html(config.html));
  return { from: from[0]!, to, raw: await root.build() };
}

function addPart(root: MimeNode, type: string, content: string): void {
  const part = root.createChild(`${type}; charset=UTF-8`);
  part.setHeader("Content-Transfer-Encoding", "quoted-printable");
  part.setContent(content);
}

function headersOf(config: EmailConfig, notice: Notice, render: Rendering): Map<string, string> {
  const headers = new Map([...config.headers].map(([name, template]) => [name, render.text(template)]));
  if (config.threading.enabled) {
    const thread = threadOf(config, notice);
    headers.set("References", thread).set("In-Reply-To", thread);
  }
  return headers;
}

/** One id per group, or per group and day: mail programs show what refers to it together. */
function threadOf({ threading }: EmailConfig, { groupKey, alerts }: Notice): string {
  const hash = createHash("sha256").update(groupKey).digest("hex").slice(0, 16);
  const day = threading.byDate === "daily" ? (alerts[0]?.startsAt.format("2006-01-02") ?? "") : "";
  return `<alert-${hash}-${day}@alertmanager>`;
}
