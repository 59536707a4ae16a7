import {
  type Codec,
  type Decoded,
  INVALID,
  redactUrl,
  secretsRevealed,
  type Secret,
  secret,
  text,
  urlProblem,
  wrongType,
} from "@narthex/config";
import { parseTemplate } from "@narthex/template";

/** Matches a URL with a host after two slashes. `http:/host` and `http:host` have no host. */
const AUTHORITY = /^[a-z]+:\/\/(?:[^/?#]*@)?[^/?#@]/i;

/** Returns Alertmanager's error for a URL to which requests cannot be sent, or undefined for a valid URL. */
function webUrlProblem(url: string): string | undefined {
  const problem = urlProblem(url);
  if (problem !== undefined) return problem;
  const scheme = /^([a-zA-Z][\w+.-]*):/.exec(url)?.[1] ?? "";
  if (!/^https?$/i.test(scheme)) return `unsupported scheme ${JSON.stringify(scheme)} for URL`;
  return AUTHORITY.test(url) ? undefined : "missing host for URL";
}

/** Codec of an http or https URL. Printed without its password. "" if it is not set. */
export const webUrl: Codec<string> = {
  goType: "string",
  decode(node, context) {
    const value = text.decode(node, context);
    if (value === INVALID) return INVALID;
    const problem = webUrlProblem(value);
    if (problem === undefined) return value;
    context.reportValue(node, "bad-url", problem, "write a URL such as https://host/path");
    return INVALID;
  },
  whenNull: () => "",
  encode: (value) => (secretsRevealed() ? value : redactUrl(value)),
  isZero: (value) => value === "",
};

/**
 * Codec of an http or https URL that is a secret. The status page prints it as `<secret>`; reading this text gives an
 * empty secret.
 */
export const secretUrl: Codec<Secret> = {
  ...secret,
  decode(node, context) {
    const value = secret.decode(node, context);
    if (value === INVALID || value.reveal() === "<secret>") return value;
    const problem = webUrlProblem(value.reveal());
    if (problem === undefined) return value;
    context.reportValue(node, "bad-url", problem, "write a URL such as https://host/path");
    return INVALID;
  },
};

/**
 * Codec of a secret that is an http or https URL, or a template for one. The template may only call functions that
 * every Go template has.
 */
export const secretTemplateUrl: Codec<Secret> = {
  ...secret,
  decode(node, context): Decoded<Secret> {
    if (node.kind !== "scalar") return wrongType(node, "common.plain", context, "write a URL");
    const value = secret.decode(node, context);
    if (value === INVALID) return INVALID;
    const text = value.reveal();
    // Accepts `<secret>`, which the status page prints instead of the URL, because users may load the printed
    // configuration.
    if (text === "" || text === "<secret>") return value;
    if (text.includes("{{")) {
      const parsed = parseTemplate("", text);
      if (parsed.ok) return value;
      const hint = "write a template such as http://host:8080/{{ .Status }}";
      context.reportValue(node, "bad-url", `invalid template syntax: ${parsed.error.message}`, hint);
      return INVALID;
    }
    const problem = webUrlProblem(text);
    if (problem === undefined) return value;
    const hint = "write a URL such as http://host:8080/path";
    context.reportValue(node, "bad-url", `invalid URL: ${problem}`, hint);
    return INVALID;
  },
};
