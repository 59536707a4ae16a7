import { isMailAddress } from "../mail/mailer.ts";
import { oneLine } from "../mail/mails.ts";
import { badRequest, refusal } from "../web/refusal.ts";
import { type Body, flagAt, isObject, numberAt, objectAt, textAt, textsAt } from "../web/request-body.ts";
import type { ReportDraft, ReportedDashboard, ReportFormat, ReportLayout, ReportState } from "./report.ts";
import { scheduleIn } from "./schedule/schedule-input.ts";

/** Maximum numbers of recipients, of dashboards and of values of a report's variables. */
const MAX_RECIPIENTS = 50;
const [MAX_DASHBOARDS, MAX_VALUES] = [5, 500];
/** Maximum lengths in characters: for names and subjects, for messages, and for times, uids and values of variables. */
const [MAX_NAME, MAX_MESSAGE, MAX_VALUE] = [190, 10_000, 1000];

const FORMATS: ReadonlyMap<string, ReportFormat> = new Map([
  ["pdf", "pdf"],
  ["image", "image"],
]);

/**
 * Returns the report in a request body, in the format of Grafana's API. Throws a refusal that names the invalid field.
 * @param domains the domains to which mails may be sent; undefined for all
 */
export function reportIn(body: Body, domains: ReadonlySet<string> | undefined): ReportDraft {
  const state = stateIn(body);
  const draft = {
    name: textIn(body, "name", MAX_NAME).trim(),
    subject: oneLine(textIn(body, "subject", MAX_NAME)),
    message: textIn(body, "message", MAX_MESSAGE),
    recipients: addressesIn(textAt(body, "recipients"), "recipients", domains),
    replyTo: addressesIn(textAt(body, "replyTo"), "replyTo", undefined)[0] ?? "",
    schedule: scheduleIn(objectAt(body, "schedule") ?? {}, state === "scheduled"),
    dashboards: dashboardsIn(body["dashboards"]),
    formats: formatsIn(body),
    layout: layoutIn(body),
    hasLinks: flagAt(body, "enableDashboardUrl"),
    state,
  };
  if (draft.name === "") throw refusal(400, "name: a report needs a name");
  if (state === "scheduled" && draft.recipients.length === 0)
    throw refusal(400, "recipients: a report needs at least one e-mail address");
  return draft;
}

function textIn(body: Body, key: string, most: number): string {
  const text = textAt(body, key);
  if (text.length > most) throw refusal(400, `${key}: at most ${most} characters are allowed`);
  return text;
}

const STATES: ReadonlySet<string> = new Set(["scheduled", "paused", "draft"]);

function stateIn(body: Body): ReportState {
  const state = textAt(body, "state") || "scheduled";
  // The list of reports shows these states, and a client may send them back.
  if (state === "expired" || state === "never") return "scheduled";
  if (!STATES.has(state)) throw refusal(400, "state: write scheduled, paused or draft");
  return state as ReportState;
}

/** Returns e-mail addresses that are separated by commas, semicolons or spaces. Throws a refusal. */
export function addressesIn(text: string, field: string, domains: ReadonlySet<string> | undefined): readonly string[] {
  if (text.length > 300 * MAX_RECIPIENTS) throw refusal(400, `${field}: at most ${MAX_RECIPIENTS} are allowed`);
  const addresses = [...new Set(text.split(/[\s,;]+/).filter((word) => word !== ""))];
  if (addresses.length > MAX_RECIPIENTS) throw refusal(400, `${field}: at most ${MAX_RECIPIENTS} are allowed`);
  for (const address of addresses) {
    if (!isMailAddress(address))
      throw refusal(400, `${field}: ${JSON.stringify(address.slice(0, 300))} is not an e-mail address`);
    if (domains !== undefined && !domains.has(address.slice(address.lastIndexOf("@") + 1).toLowerCase()))
      throw refusal(400, `${field}: ${address} is in none of the domains of reporting.allowed_domains`);
  }
  return addresses;
}

/** Returns the domains in `reporting.allowed_domains`; undefined if all domains are allowed. */
export function allowedDomains(setting: string): ReadonlySet<string> | undefined {
  const words = setting.split(/[\s,]+/).filter((word) => word !== "");
  return words.length === 0 || words.includes("*") ? undefined : new Set(words.map((word) => word.toLowerCase()));
}

function formatsIn(body: Body): readonly ReportFormat[] {
  const formats = [...new Set(textsAt(body, "formats"))].map((name) => {
    const format = FORMATS.get(name);
    if (format === undefined)
      throw refusal(400, `formats: ${JSON.stringify(name.slice(0, 40))} is not supported; write pdf or image`);
    return format;
  });
  return formats.length === 0 ? ["pdf"] : formats;
}

function layoutIn(body: Body): ReportLayout {
  const options = objectAt(body, "options") ?? {};
  const orientation = textAt(options, "orientation") || "landscape";
  const theme = textAt(options, "theme") || "light";
  const layout = textAt(options, "layout") || "grid";
  const scale = numberAt(body, "scaleFactor") ?? 0;
  if (orientation !== "portrait" && orientation !== "landscape")
    throw refusal(400, "options.orientation: write portrait or landscape");
  if (theme !== "light" && theme !== "dark") throw refusal(400, "options.theme: write light or dark");
  if (layout !== "grid") throw refusal(400, "options.layout: only grid is supported");
  if (scale < 0 || scale > 4) throw refusal(400, "scaleFactor: write a number from 1 to 4; 0 is the server's");
  return { orientation, theme, scale };
}

/** Returns the dashboards in a list of a request. Throws a refusal. */
export function dashboardsIn(list: unknown): readonly ReportedDashboard[] {
  if (!Array.isArray(list) || list.length === 0) throw refusal(400, "dashboards: a report needs a dashboard");
  if (list.length > MAX_DASHBOARDS) throw refusal(400, `dashboards: at most ${MAX_DASHBOARDS} are allowed`);
  return list.map((item: unknown) => {
    if (!isObject(item)) throw badRequest();
    const uid = textIn(objectAt(item, "dashboard") ?? {}, "uid", MAX_VALUE);
    if (uid === "") throw refusal(400, "dashboards: each needs dashboard.uid");
    const range = objectAt(item, "timeRange") ?? {};
    const [from, to] = [textIn(range, "from", MAX_VALUE), textIn(range, "to", MAX_VALUE)];
    if ((from === "") !== (to === "")) throw refusal(400, "dashboards: timeRange needs both from and to, or none");
    return { uid, from, to, variables: variablesIn(objectAt(item, "reportVariables") ?? {}) };
  });
}

function variablesIn(given: Body): ReportedDashboard["variables"] {
  let left = MAX_VALUES;
  const entries = Object.entries(given).map(([name, value]): [string, readonly string[]] => {
    const values = [value].flat();
    left -= values.length;
    const isText = (one: unknown): one is string => typeof one === "string" && one.length <= MAX_VALUE;
    if (left < 0 || name.length > MAX_VALUE || !values.every(isText))
      throw refusal(400, `reportVariables: a value is a text or a list of texts; together at most ${MAX_VALUES}`);
    return [name, values];
  });
  return Object.fromEntries(entries);
}
