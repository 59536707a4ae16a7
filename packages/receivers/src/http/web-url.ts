import { type Codec, INVALID, redactUrl, text, urlProblem } from "@narthex/config";

/** A host behind two slashes; `http:/host` and `http:host` have none. */
const AUTHORITY = /^[a-z]+:\/\/(?:[^/?#]*@)?[^/?#@]/i;

/** Why a URL cannot be posted to, in upstream's words; undefined for a good one. */
export function webUrlProblem(url: string): string | undefined {
  const problem = urlProblem(url);
  if (problem !== undefined) return problem;
  const scheme = /^([a-zA-Z][\w+.-]*):/.exec(url)?.[1] ?? "";
  if (!/^https?$/i.test(scheme)) return `unsupported scheme ${JSON.stringify(scheme)} for URL`;
  return AUTHORITY.test(url) ? undefined : "missing host for URL";
}

/** An http or https URL that is no secret; printed without its password. "" = not set. */
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
  encode: redactUrl,
  isZero: (value) => value === "",
};
