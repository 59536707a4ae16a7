import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { alertmanagerFile } from "./alertmanager-file.ts";
import type { Answers, SecretAnswer } from "./answers.ts";
import { prometheusFile, SCRAPE_INTERVAL } from "./prometheus-file.ts";
import { TARGET_RULES } from "./rules-file.ts";

export interface NewFile {
  /** Path below the configuration's folder. */
  readonly path: string;
  readonly text: string;
  /** Whether the file contains a secret. Only the owner of such a file may read it. */
  readonly isSecret: boolean;
  /** File permissions. Default: readable by the owner if the file is secret, otherwise by everybody. */
  readonly mode?: number;
}

/** A `.gitignore` that prevents committing the folder with secrets to Git. */
export const IGNORED_SECRETS: NewFile = {
  path: "secrets/.gitignore",
  text: "# Secrets belong into no repository.\n*\n",
  isSecret: false,
};

/** Folders of the starter configuration whose files are copied without changes. */
const PROVISIONING = "dashboards/provisioning";
const RULES = "rules";
const ALERT_PACK = "alert-pack";

/**
 * Returns all files to write for the user's answers. Secret files come first, so that they exist before the
 * configuration that refers to them.
 * @param folder absolute path; it is part of the file names in the configuration, because Prometheus and Alertmanager
 * resolve relative paths from their working directory
 * @param starter folder of the starter configuration
 */
export function newFiles(answers: Answers, folder: string, starter: string): readonly NewFile[] {
  const secrets: NewFile[] = [];
  const fileOf = (secret: SecretAnswer | undefined, name: string): string | undefined => {
    if (secret === undefined || "file" in secret) return secret?.file;
    const path = `secrets/${name}`;
    secrets.push({ path, text: secret.text, isSecret: true });
    return join(folder, path);
  };
  const secretFiles = {
    password: fileOf(answers.mail?.login?.password, "smtp-password"),
    webhook: fileOf(answers.slack?.webhook, "slack-webhook"),
  };
  const plain = (path: string, text: string): NewFile => ({ path, text, isSecret: false });
  return [
    ...(secrets.length === 0 ? [] : [IGNORED_SECRETS]),
    ...secrets,
    ...(answers.host ? starterFiles(starter, RULES) : [plain(`${RULES}/targets.yml`, TARGET_RULES)]),
    ...starterFiles(starter, PROVISIONING).map((file) => ({
      ...file,
      text: file.text.replace(/^(\s*timeInterval: ).*$/gm, (_, key: string) => key + SCRAPE_INTERVAL),
    })),
    ...starterFiles(starter, ALERT_PACK),
    plain("alertmanager.yml", alertmanagerFile(answers, secretFiles)),
    plain("prometheus.yml", prometheusFile(answers)),
  ];
}

const starterFiles = (starter: string, folder: string): NewFile[] =>
  readdirSync(join(starter, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => /\.ya?ml$/.test(name))
    .toSorted()
    .map((name) => ({
      path: join(folder, name),
      text: readFileSync(join(starter, folder, name), "utf8"),
      isSecret: false,
    }));
