import { type Codec, INVALID, type Secret, secret } from "@narthex/config";
import { webUrlProblem } from "./web-url.ts";

/** A secret that is an http or https URL. `<secret>`, as the status page prints it, loads as an empty one. */
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
