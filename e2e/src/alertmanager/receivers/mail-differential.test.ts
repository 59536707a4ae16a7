import {
  type FakeSmtp,
  fakeSmtp,
  hasOpenssl,
  type KeyPair,
  selfSigned,
  type SmtpBehavior,
} from "@narthex/receivers/testing";
import { expect, test } from "vitest";
import { stringify } from "yaml";
import { eventually } from "../../support/eventually.ts";
import { lacks } from "../../support/requirements.ts";
import type { Running } from "../../support/running.ts";
import { Workplace } from "../../support/workplace.ts";
import { startManager } from "../lone-manager.ts";

/** A test case: an Alertmanager mail receiver, and the behaviour of its fake mail server. */
interface Case {
  readonly title: string;
  readonly behavior: SmtpBehavior;
  readonly fields?: Readonly<Record<string, unknown>>;
  /**
   * Whether the mail cannot be sent. Our Alertmanager detects the error before it connects; the original Alertmanager
   * begins an SMTP session and aborts it.
   */
  readonly isFaulty?: true;
}

const CLEAR = { require_tls: false };
const LOGIN = { auth_username: "u1", auth_password: "p1" };
const TEXT = { text: "plain {{ .Status }} é\n.dot\n..two\n", html: "" };

const refusals = ["CONNECT", "MAIL", "RCPT", "DATA", "DOT"].map((step): Case => ({
  title: `refuses ${step}`,
  behavior: { replies: { [step]: "550-not\r\n550 here" } },
  fields: CLEAR,
}));

const cuts = ["CONNECT", "EHLO", "AUTH", "MAIL", "RCPT", "DATA", "DOT", "QUIT"].map((step): Case => ({
  title: `cuts at ${step}`,
  behavior: { mechanisms: ["PLAIN"], cutAt: step },
  fields: { ...CLEAR, ...LOGIN },
}));

const logins: readonly Case[] = [
  ["PLAIN", "LOGIN"],
  ["LOGIN", "PLAIN"],
  ["CRAM-MD5", "PLAIN"],
  ["GSSAPI", "XOAUTH2"],
].flatMap((mechanisms): Case[] => {
  const title = mechanisms.join(" ");
  const fields = { ...CLEAR, ...LOGIN, auth_secret: "p1", auth_identity: "boss" };
  return [
    { title, behavior: { mechanisms }, fields },
    { title: `${title}, wrong`, behavior: { mechanisms, password: "other" }, fields },
    { title: `${title}, nothing to show`, behavior: { mechanisms }, fields: { ...CLEAR, auth_username: "u1" } },
  ];
});

const tls = (pair: KeyPair, ca: string): readonly Case[] => [
  { title: "STARTTLS", behavior: { starttls: pair }, fields: { tls_config: { ca_file: ca } } },
  { title: "STARTTLS of a stranger", behavior: { starttls: pair } },
  {
    title: "another name",
    behavior: { starttls: pair },
    fields: { tls_config: { ca_file: ca, server_name: "b.org" } },
  },
  { title: "no STARTTLS", behavior: {} },
  { title: "STARTTLS refused", behavior: { starttls: pair, replies: { STARTTLS: "454 later" } } },
  { title: "STARTTLS cut", behavior: { starttls: pair, cutAt: "STARTTLS" } },
  { title: "broken TLS", behavior: { brokenTls: true } },
  {
    title: "implicit",
    behavior: { implicitTls: pair },
    fields: { force_implicit_tls: true, tls_config: { ca_file: ca } },
  },
  { title: "implicit stranger", behavior: { implicitTls: pair }, fields: { force_implicit_tls: true } },
  { title: "implicit without TLS", behavior: {}, fields: { force_implicit_tls: true } },
];

const texts: readonly Case[] = [
  { title: "both parts", behavior: { extensions: ["PIPELINING", "8BITMIME", "SMTPUTF8", "SIZE 1000"] }, fields: CLEAR },
  { title: "HELO", behavior: { replies: { EHLO: "500 what" } }, fields: { ...CLEAR, hello: "am.x.org" } },
  {
    title: "headers",
    behavior: {},
    fields: {
      ...CLEAR,
      headers: { subject: `ü {{ .Status }} ${"lang ".repeat(40)}`, "x-team": "a=b?_c", "MESSAGE-ID": "<a@b>" },
    },
  },
  { title: "thread", behavior: {}, fields: { ...CLEAR, threading: { enabled: true, thread_by_date: "none" } } },
  { title: "thread by day", behavior: {}, fields: { ...CLEAR, threading: { enabled: true, thread_by_date: "daily" } } },
  {
    title: "addresses",
    behavior: {},
    fields: { ...CLEAR, to: '{{ .CommonLabels.i }}@x.org, "A, B" <q@x.org>, G: g@x.org, h@x.org;' },
  },
  ...["nobody", "nobody here", "", "a@b c@d", "A <a@b", "a@b,", "a..b@c"].map((to): Case => ({
    title: `to '${to}'`,
    behavior: {},
    fields: { ...CLEAR, to: `{{ "${to}" }}` },
    isFaulty: true,
  })),
  { title: "two senders", behavior: {}, fields: { ...CLEAR, from: "a@b, c@d" }, isFaulty: true },
  { title: "a failing text", behavior: {}, fields: { ...CLEAR, text: "{{ .Nope }}" }, isFaulty: true },
  { title: "a failing header", behavior: {}, fields: { ...CLEAR, headers: { "X-A": "{{ .Nope }}" } }, isFaulty: true },
  {
    title: "no password file",
    behavior: { mechanisms: ["PLAIN"] },
    fields: { ...CLEAR, auth_username: "u", auth_password_file: "/nonexistent" },
  },
];

/**
 * An accepted difference because of the address parser of nodemailer, our mail library. The original Alertmanager's
 * text is replaced by ours before the comparison.
 */
interface Accepted {
  readonly why: string;
  /** Matches the name of a mail test case and of the compared part, such as "to 'a..b@c', reason". */
  readonly at: RegExp;
  readonly ours: (theirs: string, what: string) => string;
}

const ACCEPTED: readonly Accepted[] = [
  {
    why: "nodemailer's address parser does not say what is wrong; the whole text is shown",
    at: /^to '(?:nobody|nobody here||a@b c@d)', reason$/,
    ours: (theirs, what) =>
      theirs.replace(/mail: .*"$/, String.raw`mail: \"${/'(.*)'/.exec(what)![1]}\" is not a list of addresses"`),
  },
  {
    why: "nodemailer's address parser finds one address in each, and that gets the mail",
    at: /^to '(?:A <a@b|a\.\.b@c)', reason$/,
    ours: () => "",
  },
];

/**
 * Returns the expected text of our Alertmanager: the original Alertmanager's text with the accepted differences
 * applied.
 */
const expected = (what: string, theirs: string): string =>
  ACCEPTED.find(({ at }) => at.test(what))?.ours(theirs, what) ?? theirs;

test.skipIf(lacks("peers") || !hasOpenssl())(
  "mail servers receive the same from ours as from Alertmanager, and the logs are equal",
  async () => {
    using workplace = new Workplace();
    const pair = selfSigned();
    const cases = [...texts, ...logins, ...tls(pair, workplace.write("ca.pem", pair.cert)), ...refusals, ...cuts];
    await using ours = await Side.start("narthex", cases, workplace);
    await using theirs = await Side.start("peer", cases, workplace);
    await Promise.all([ours.post(), theirs.post()]);
    const differences: string[] = [];
    for (const [i, each] of cases.entries()) {
      const [mine, peer] = [await ours.attemptOf(i), await theirs.attemptOf(i)];
      for (const what of ["dialogue", "mail", "reason"] as const) {
        if (each.isFaulty === true && what !== "reason") continue;
        const wanted = expected(`${each.title}, ${what}`, peer[what]);
        if (mine[what] !== wanted) differences.push(`${each.title}, ${what}\n  - ${wanted}\n  + ${mine[what]}`);
      }
    }
    if (differences.length > 0) console.log(differences.join("\n"));
    expect(differences).toEqual([]);
  },
);

/** SMTP dialogue of an Alertmanager's first attempt to send a mail, and the result of the attempt in its log. */
interface MailAttempt {
  readonly dialogue: string;
  readonly mail: string;
  readonly reason: string;
}

/** One of the two compared servers: the original Alertmanager or ours. Each case has its own mail server. */
class Side implements AsyncDisposable {
  readonly #process: Running;
  readonly #url: string;
  readonly #servers: readonly FakeSmtp[];

  private constructor(process: Running, url: string, servers: readonly FakeSmtp[]) {
    this.#process = process;
    this.#url = url;
    this.#servers = servers;
  }

  static async start(program: "narthex" | "peer", cases: readonly Case[], workplace: Workplace): Promise<Side> {
    const servers = await Promise.all(cases.map(({ behavior }) => fakeSmtp({ ...behavior })));
    const configFile = workplace.write(`${program}.yml`, configuration(cases, servers));
    const flags = ["--web.external-url=http://vm:19093"];
    const { running, base } = await startManager(program, { workplace, name: program, configFile }, { flags });
    return new Side(running, base, servers);
  }

  async post(): Promise<void> {
    const alert = {
      labels: { alertname: "A b", i: "one", severity: "critical" },
      annotations: { summary: "x <b> & é" },
      generatorURL: "http://g/x?y=1&z=2",
    };
    const init = { headers: { "content-type": "application/json" }, body: JSON.stringify([alert]) };
    const response = await fetch(`${this.#url}/api/v2/alerts`, { method: "POST", ...init });
    if (!response.ok) throw new Error(await response.text());
  }

  /**
   * Resolves with the SMTP dialogue and result of a mail test case, as soon as the mail was accepted or the first
   * attempt has failed.
   */
  attemptOf(i: number): Promise<MailAttempt> {
    const server = this.#servers[i]!;
    const attempt = async (): Promise<MailAttempt> => {
      const reason = this.#reason(i);
      // Waits for the end of the SMTP dialogue. A failure is logged after the dialogue; a successful dialogue ends with
      // QUIT.
      if (reason === undefined && server.commands.at(-1) !== "QUIT") throw new Error("it has not");
      const [mail] = server.mails;
      return {
        dialogue: dialogueOf(server.dialogues[0]),
        mail: mail === undefined ? "" : `${mail.from} ${mail.to.join(" ")}\n${neutralMail(mail.message)}`,
        reason: (reason ?? "").replaceAll(String(server.port), "PORT"),
      };
    };
    return eventually(`case ${i} has ended`, attempt);
  }

  /** Returns the logged error message of the first attempt to send the mail of a test case. */
  #reason(i: number): string | undefined {
    for (const line of this.#process.output.split("\n")) {
      const reason = / err=("(?:[^"\\]|\\.)*"|\S+)/.exec(line)?.[1];
      if (reason === undefined) continue;
      const failed = line.includes("Notify attempt failed") && line.includes(` receiver=case-${i} `);
      if (failed || reason.startsWith(`"case-${i}/email[0]: notify retry canceled due to unrecoverable`)) return reason;
    }
    return undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process[Symbol.asyncDispose]();
    await Promise.all(this.#servers.map((server) => server[Symbol.asyncDispose]()));
  }
}

/**
 * Returns the SMTP commands of an Alertmanager as one text. Returns no text for a client that starts with TLS, because
 * its bytes are random.
 */
const dialogueOf = (lines: readonly string[] = []): string => (lines[0]?.startsWith("\u0016") ? "" : lines.join("\n"));

function configuration(cases: readonly Case[], servers: readonly FakeSmtp[]): string {
  return stringify({
    global: { smtp_from: "Alert Manager <am@x.org>" },
    route: {
      receiver: "nobody",
      group_by: ["alertname"],
      group_wait: "0s",
      group_interval: "5m",
      routes: cases.map((_, i) => ({ receiver: `case-${i}`, continue: true })),
    },
    receivers: [
      { name: "nobody" },
      ...cases.map(({ fields }, i) => ({
        name: `case-${i}`,
        email_configs: [
          { to: "Me <me@x.org>, you@x.org", smarthost: `localhost:${servers[i]!.port}`, ...TEXT, ...fields },
        ],
      })),
    ],
  });
}

/**
 * Normalises a mail for the comparison of nodemailer's mails with Go's. Sorts the headers and removes random values and
 * times. Unifies the case of names, line breaks, quotes, blanks between parameters, and the encoding of characters.
 */
function neutralMail(message: string): string {
  const end = message.indexOf("\r\n\r\n");
  const head = message.slice(0, end).replaceAll("\r\n ", " ");
  const boundary = /boundary="?([^"\s]+)/.exec(head)?.[1] ?? "";
  const headers = decodeWords(head)
    .replace(/^[\w-]+(?=: )/gm, (name) => name.toLowerCase())
    .replace(/^(message-id: <)\d+\.\d+@/m, "$1N@")
    .replace(/; +boundary="?[^"\s]+"?/, "; boundary=BOUNDARY")
    .replace(/^(to: .*\bG:) /m, "$1")
    .replace(/^date: .*$/m, (date) => date.replaceAll(/\d/g, "9"))
    .split("\r\n")
    .sort();
  const parts = message
    .slice(end + 4)
    .replaceAll(/^(?:Content-[\w-]+: .*\r\n)+/gm, (lines) => lines.split("\r\n").sort().join("\r\n"))
    .replaceAll("charset=utf-8", "charset=UTF-8");
  return [...headers, parts].join("\n").replaceAll(boundary, "BOUNDARY");
}

/** Decodes the quoted-printable encoded words (RFC 2047) of a mail header. */
const decodeWords = (head: string): string =>
  head
    .replaceAll(/\?= +=\?utf-8\?q\?/gi, "")
    .replaceAll(/=\?utf-8\?q\?(.*?)\?=/gi, (_, word: string) =>
      decodeURIComponent(word.replaceAll("_", " ").replaceAll("%", "%25").replaceAll("=", "%")),
    );
