import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { ParsedFlags } from "@narthex/runtime";
import { CommandError } from "../command-line/command.ts";
import {
  AnswerError,
  readAddress,
  readChannel,
  readJob,
  readLine,
  readMailAddress,
  readMailAddresses,
  readPassword,
  readWebhook,
} from "./answer-formats.ts";
import {
  type Answers,
  type JobAnswer,
  type MailAnswer,
  OWN_JOBS,
  type SecretAnswer,
  type SlackAnswer,
} from "./answers.ts";
import type { flags } from "./flags.ts";
import type { Terminal } from "./terminal.ts";

/** Source of the answers: flags first, then questions on the terminal, if there is one. */
export interface Sources extends Pick<ParsedFlags<typeof flags>, "values" | "given"> {
  readonly cwd: string;
  readonly terminal: Terminal | undefined;
}

type FlagName = keyof typeof flags;

/**
 * Collects all answers. Throws CommandError for an invalid flag. Repeats a question after an invalid answer, with the
 * reason.
 */
export async function collectAnswers(sources: Sources): Promise<Answers> {
  return {
    host: await yesOrNo(sources, "host", "Monitor this host: processor, memory, disks, network?"),
    jobs: await jobAnswers(sources),
    mail: await mailAnswer(sources),
    slack: await slackAnswer(sources),
    portOffset: sources.values["port-offset"],
  };
}

async function jobAnswers({ values, given, terminal }: Sources): Promise<readonly JobAnswer[]> {
  const jobs: JobAnswer[] = [];
  const add = (text: string): void => {
    const job = readJob(text);
    if (OWN_JOBS.includes(job.name)) {
      throw new AnswerError(`${JSON.stringify(job.name)} is a job of the stack itself; choose another name`);
    }
    if (jobs.some(({ name }) => name === job.name)) {
      throw new AnswerError(
        `two jobs have the name ${JSON.stringify(job.name)}; give all targets of a job in one answer or flag`,
      );
    }
    jobs.push(job);
  };
  for (const text of values.job) fromFlag("job", text, add);
  if (terminal === undefined || given.has("job")) return jobs;
  const prompt = "A job to scrape, as NAME=HOST:PORT[,HOST:PORT...][/path]; empty for no more: ";
  for (let isLast = false; !isLast;) {
    isLast = await readUntilValid(terminal, prompt, (text) => {
      if (text !== "") add(text);
      return text === "";
    });
  }
  return jobs;
}

async function mailAnswer(sources: Sources): Promise<MailAnswer | undefined> {
  const question = "Recipients of mail about alerts (addresses with commas; empty for no mail): ";
  const to = await answer<readonly string[] | undefined>(
    sources,
    "email-to",
    question,
    optional(readMailAddresses),
    undefined,
  );
  const parts: readonly FlagName[] = ["smtp", "smtp-from", "smtp-user", "smtp-password-file", "smtp-tls"];
  if (to === undefined) {
    refuseWithout("email-to", parts, sources, "--email-to=ADDRESS");
    return undefined;
  }
  const readServer = (text: string): string => readAddress(text, "the mail server");
  const server = await answer<string | undefined>(
    sources,
    "smtp",
    "Mail server, as host:port: ",
    readServer,
    undefined,
  );
  if (server === undefined) throw new CommandError("--email-to also needs a mail server: add --smtp=HOST:PORT");
  const from = await answer(
    sources,
    "smtp-from",
    `Sender address of mail (empty for ${to[0]}): `,
    (text) => (text === "" ? to[0]! : readMailAddress(text)),
    to[0]!,
  );
  return {
    to,
    server,
    from,
    login: await loginAnswer(sources),
    requireTls: await yesOrNo(sources, "smtp-tls", "Does the mail server use TLS?"),
  };
}

async function loginAnswer(sources: Sources): Promise<MailAnswer["login"]> {
  const readUser = optional((text) => readLine(text, "the user"));
  const user = await answer<string | undefined>(
    sources,
    "smtp-user",
    "User for the mail server (empty if it needs no login): ",
    readUser,
    undefined,
  );
  if (user === undefined) {
    refuseWithout("smtp-user", ["smtp-password-file"], sources, "--smtp-user=NAME");
    return undefined;
  }
  const password = await secretAnswer(sources, "smtp-password-file", "Password (is not shown): ", readPassword);
  if (password === undefined)
    throw new CommandError("--smtp-user also needs a password: add --smtp-password-file=FILE");
  return { user, password };
}

async function slackAnswer(sources: Sources): Promise<SlackAnswer | undefined> {
  const prompt = "URL of an incoming webhook of Slack (is not shown; empty for none): ";
  const webhook = await secretAnswer(sources, "slack-webhook-file", prompt, optional(readWebhook));
  if (webhook === undefined) {
    refuseWithout("slack-webhook-file", ["slack-channel"], sources, "--slack-webhook-file=FILE");
    return undefined;
  }
  const readIt = (text: string): string => (text === "" ? "" : readChannel(text));
  const channel = await answer(sources, "slack-channel", "Channel (empty for the webhook's own): ", readIt, "");
  return { webhook, channel };
}

/**
 * Reads a secret from the file that a flag names, otherwise from the terminal. Returns undefined if the user gives no
 * secret.
 */
async function secretAnswer(
  { values, given, cwd, terminal }: Sources,
  name: "smtp-password-file" | "slack-webhook-file",
  prompt: string,
  read: (text: string) => string | undefined,
): Promise<SecretAnswer | undefined> {
  if (given.has(name)) {
    const file = resolve(cwd, values[name]);
    fromFlag(name, readSecretFile(name, file), read);
    return { file };
  }
  const text = terminal === undefined ? undefined : await readUntilValid(terminal, prompt, read, true);
  return text === undefined ? undefined : { text };
}

function readSecretFile(flag: string, file: string): string {
  try {
    return readFileSync(file, "utf8").trim();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CommandError(`--${flag}: the file cannot be read: ${reason}; name a file that you may read`, {
      cause: error,
    });
  }
}

/** Throws CommandError if a given flag has no effect because another flag is missing. */
function refuseWithout(
  missing: FlagName,
  parts: readonly FlagName[],
  { given, terminal }: Sources,
  mend: string,
): void {
  const part = parts.find((name) => given.has(name));
  if (part === undefined || (terminal !== undefined && !given.has(missing))) return;
  throw new CommandError(`--${part} has no effect without --${missing}: add ${mend}, or leave it out`);
}

/** Returns the flag's value if it is given, otherwise the user's answer to the question, otherwise the fallback. */
async function answer<T>(
  { values, given, terminal }: Sources,
  name: "email-to" | "smtp" | "smtp-from" | "smtp-user" | "slack-channel",
  prompt: string,
  read: (text: string) => T,
  fallback: T,
): Promise<T> {
  if (given.has(name)) return fromFlag(name, values[name], read);
  return terminal === undefined ? fallback : readUntilValid(terminal, prompt, read);
}

async function yesOrNo(
  { values, given, terminal }: Sources,
  name: "host" | "smtp-tls",
  prompt: string,
): Promise<boolean> {
  if (given.has(name) || terminal === undefined) return values[name];
  return readUntilValid(terminal, `${prompt} [Y/n] `, (text) => {
    if (/^(?:|y|yes)$/i.test(text)) return true;
    if (/^(?:n|no)$/i.test(text)) return false;
    throw new AnswerError("answer y or n");
  });
}

const optional =
  <T>(read: (text: string) => T) =>
  (text: string): T | undefined =>
    text === "" ? undefined : read(text);

/** Repeats a question until the answer is valid. */
async function readUntilValid<T>(
  terminal: Terminal,
  prompt: string,
  read: (text: string) => T,
  isSecret = false,
): Promise<T> {
  for (;;) {
    const text = isSecret ? await terminal.promptSecret(prompt) : (await terminal.prompt(prompt)).trim();
    try {
      return read(text);
    } catch (error) {
      if (!(error instanceof AnswerError)) throw error;
      terminal.say(`  ${error.message}`);
    }
  }
}

function fromFlag<T>(name: FlagName, text: string, read: (text: string) => T): T {
  try {
    return read(text);
  } catch (error) {
    if (!(error instanceof AnswerError)) throw error;
    throw new CommandError(`--${name}: ${error.message}`, { cause: error });
  }
}
