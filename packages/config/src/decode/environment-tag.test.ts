import { expect, test } from "vitest";
import { decodeYaml } from "./decode.ts";
import { printYaml } from "../yaml/print.ts";
import { text } from "./plain-values.ts";
import { formatProblem } from "../problem.ts";
import { type Secret, secret } from "./secret.ts";
import { field, optional, section } from "./section.ts";

interface Mail {
  readonly host: string;
  readonly password: Secret | undefined;
}

const mail = section<Mail>("Mail", { host: field("host", text, ""), password: optional("password", secret) });
const YAML = "host: !env MAIL_HOST\npassword: !env MAIL_PASSWORD\n";

test("!env reads a text or a secret from the environment, and a secret stays a secret", () => {
  const environment = { MAIL_HOST: "mail.example.org", MAIL_PASSWORD: "null" };
  const loaded = decodeYaml(YAML, "am.yml", mail, { environment });
  if (!loaded.ok) throw new Error(loaded.problems.map(formatProblem).join("\n"));
  expect(loaded.value.host).toBe("mail.example.org");
  expect(loaded.value.password?.reveal()).toBe("null");
  expect(printYaml(mail.encode(loaded.value))).toBe("host: mail.example.org\npassword: <secret>\n");
});

test("a variable that is not set, or empty, is reported with its position", () => {
  const loaded = decodeYaml(YAML, "am.yml", mail, { environment: { MAIL_HOST: "" } });
  expect(loaded.ok ? [] : loaded.problems.map(formatProblem)).toEqual([
    'am.yml:1:12: field host: environment variable "MAIL_HOST" is not set; set it for the process, or write the value here',
    'am.yml:2:16: field password: environment variable "MAIL_PASSWORD" is not set; set it for the process, or write the value here',
  ]);
});

test("without an environment the tag has no effect", () => {
  const loaded = decodeYaml(YAML, "prometheus.yml", mail);
  expect(loaded.ok && loaded.value.host).toBe("MAIL_HOST");
});
