import { dashboardSlug } from "@narthex/dashboards";
import { linkParagraph, type Mail, type MailFile, mailPage, oneLine } from "../mail/mails.ts";
import { escapeHtml } from "../web/escape-html.ts";
import type { Report, ReportedDashboard } from "./report.ts";

/** A rendered dashboard of a report. */
export interface ReportFile {
  readonly dashboard: ReportedDashboard;
  readonly title: string;
  readonly format: "pdf" | "image";
  readonly bytes: Uint8Array;
}

interface ReportMailOptions {
  readonly report: Pick<Report, "name" | "subject" | "message" | "replyTo" | "hasLinks">;
  readonly files: readonly ReportFile[];
  /** URL of this server, without a trailing slash. */
  readonly serverUrl: string;
}

/** Returns the mail of a report: documents are attached, and pictures are part of the message. */
export function reportMail({ report, files, serverUrl }: ReportMailOptions): Mail {
  const { name, subject, message, replyTo, hasLinks } = report;
  const shown = oneLine(subject === "" ? name : subject);
  const links = hasLinks ? linksOf(files, serverUrl) : [];
  const paragraphs = message.split(/\r?\n\r?\n/).filter((text) => text.trim() !== "");
  const pictures = files.flatMap(({ format, title }, i) =>
    format === "image"
      ? [`<p><img src="cid:${contentId(i)}" alt="${escapeHtml(oneLine(title))}" style="max-width: 100%"></p>`]
      : [],
  );
  return {
    subject: shown,
    text: `${[...paragraphs, ...links.map(({ title, url }) => `${title}: ${url}`)].join("\n\n") || shown}\n`,
    html: mailPage(shown, [
      ...paragraphs.map((text) => `<p>${escapeHtml(text).replaceAll(/\r?\n/g, "<br>")}</p>`),
      ...pictures,
      ...links.map(({ title, url }) => linkParagraph(title, url)),
    ]),
    ...(replyTo !== "" && { replyTo }),
    attachments: files.map((file, i) => attachmentOf(file, i)),
  };
}

/** Returns the mail to the creator of a report that was not sent. */
export function failureMail(name: string, reason: string, url: string): Mail {
  const subject = `The report ${oneLine(name)} was not sent`;
  return {
    subject,
    text: `${subject}: ${oneLine(reason)}\n\n${url}\n`,
    html: mailPage(subject, [
      `<p>${escapeHtml(subject)}: ${escapeHtml(oneLine(reason))}</p>`,
      linkParagraph("Open the report", url),
    ]),
  };
}

const contentId = (index: number): string => `dashboard-${index}@narthex`;

function attachmentOf({ title, format, bytes }: ReportFile, index: number): MailFile {
  const name = dashboardSlug(title) || `dashboard-${index + 1}`;
  const content = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return format === "pdf"
    ? { filename: `${name}.pdf`, contentType: "application/pdf", content }
    : { filename: `${name}.png`, contentType: "image/png", content, cid: contentId(index) };
}

/** Returns a link to each dashboard, with its time range and variables. */
function linksOf(
  files: readonly ReportFile[],
  serverUrl: string,
): readonly { readonly title: string; readonly url: string }[] {
  const links = new Map<string, string>();
  for (const { dashboard, title } of files) {
    const slug = dashboardSlug(title);
    const path = `/d/${encodeURIComponent(dashboard.uid)}${slug === "" ? "" : `/${slug}`}`;
    const query = String(pageParametersOf(dashboard));
    links.set(`${serverUrl}${path}${query === "" ? "" : `?${query}`}`, oneLine(title));
  }
  return [...links].map(([url, title]) => ({ url, title }));
}

/** Returns the URL parameters of a dashboard's page for its time range and variables. */
export function pageParametersOf({ from, to, variables }: ReportedDashboard): URLSearchParams {
  const parameters = new URLSearchParams(from === "" ? {} : { from, to });
  for (const [name, values] of Object.entries(variables))
    for (const value of values) parameters.append(name.startsWith("var-") ? name : `var-${name}`, value);
  return parameters;
}
