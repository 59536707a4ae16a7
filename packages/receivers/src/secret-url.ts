import { type Codec, INVALID, type Secret, secret, urlProblem } from "@narthex/config";

/** Why a URL cannot be posted to, in upstream's words; undefined for a good one. */
export function webUrlProblem(url: string): string | undefined {
  const problem = urlProblem(url);
  if (problem !== undefined) return problem;
  const scheme = /^([a-zA-Z][\w+.-]*):/.exec(url)?.[1] ?? "";
  if (!/^https?$/i.test(scheme)) return `unsupported scheme ${JSON.stringify(scheme)} for URL`;
  return URL.canParse(url) ? undefined : "missing host for URL";
}

/** A secret that is an http or https URL. `<secret>`, as the status page prints it, loads as an empty one. */
export const secretUrl: Codec<Secret> = {
  ...secret,
  decode(node, context) {
    const value = secret.decode(node, context);
    if (value === INVALID || value.reveal() === "" || value.reveal() === "<secret>") return value;
    const problem = webUrlProblem(value.reveal());
    if (problem === undefined) return value;
    context.reportValue(node, "bad-url", problem, "write a URL such as https://host/path");
    return INVALID;
  },
};
