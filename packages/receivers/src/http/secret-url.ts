import { type Codec, type Decoded, INVALID, type Secret, secret, wrongType } from "@narthex/config";
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

/** As `secretUrl`, but may be a template, which is looked at when it is rendered. */
export const secretTemplateUrl: Codec<Secret> = {
  ...secret,
  decode(node, context): Decoded<Secret> {
    if (node.kind !== "scalar") return wrongType(node, "common.plain", context, "write a URL");
    const value = secret.decode(node, context);
    if (value === INVALID) return INVALID;
    const text = value.reveal();
    // The status page shows `<secret>`, and what it shows can be read again.
    if (text === "" || text === "<secret>" || text.includes("{{")) return value;
    const problem = webUrlProblem(text);
    if (problem === undefined) return value;
    const mend = "write a URL such as http://host:8080/path";
    context.reportValue(node, "bad-url", `invalid URL: ${problem}`, mend);
    return INVALID;
  },
};
