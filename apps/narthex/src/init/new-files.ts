import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { alertmanagerFile } from "./alertmanager-file.ts";
import type { Answers, SecretAnswer } from "./answers.ts";
import { prometheusFile, SCRAPE_INTERVAL } from "./prometheus-file.ts";
import { TARGET_RULES } from "./rules-file.ts";

/** A file that `init` will write. */
export interface NewFile {
  /** Path below the configuration's folder. */
  readonly path: string;
  readonly text: string;
  /** Whether the file contains a secret, so that only its owner may read it. */
  readonly isSecret: boolean;
  /** Permissions of the file; by default those of a secret, or of a file that everybody may read. */
  readonly mode?: number;
}

/** A `.gitignore` that keeps the folder of secrets out of Git repositories. */
export const IGNORED_SECRETS: NewFile = {
  path: "secrets/.gitignore",
  text: "# Secrets belong into no repository.\n*\n",
  isSecret: false,
};

/** Folders of the starter configuration whose files are copied without changes. */
const PROVISIONING = "dashboards/provisioning";
const RULES = "rules";

/**
 * Returns all files for these answers. Files of secrets come first, so that the configuration is never written without
 * them.
 * @param folder absolute path; it is part of the file names in the configuration, because the originals resolve
 * relative paths from their working directory
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
