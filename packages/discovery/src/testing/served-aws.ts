import { awsSignatureOf } from "@narthex/http/testing";
import type { ServedAnswer, ServedKind, ServedRequest } from "./served-kind.ts";
import type { AwsRole } from "../kinds/aws/aws-kind.ts";

/** For OUTSCALE, whose requests have the same signature. The files in the folders of kinds import only from here. */
export { awsSignatureOf };

const SECRET = "canary-aws-secret";

/** Region of the served API. */
export const REGION = "eu-west-1";

/** The account that all ARNs of the served API name. */
export const ACCOUNT = "123456789012";

/** The API of one kind of AWS, which answers on the standard hosts of the region. */
export interface ServedAws {
  readonly name: AwsRole;
  /** Returns the API for this number of targets: it answers the requests to all services, whose signature is right. */
  readonly serve: (count: number) => (call: ServedCall) => ServedAnswer;
  readonly isInPrometheus: boolean;
}

/** A signed request to a service of AWS. */
export interface ServedCall extends ServedRequest {
  /** Name of the service in the signature. */
  readonly service: string;
  /** Name of the operation. In the protocol REST JSON it is "", because the path names the operation. */
  readonly operation: string;
  /** Fields of a form. */
  readonly form: URLSearchParams;
  /** Input in the protocol JSON 1.1, otherwise an empty object. */
  readonly input: Readonly<Record<string, unknown>>;
}

/** Returns the served kind with its own section, and as a role of `aws_sd_configs`. */
export function servedAws({ name, serve, isInPrometheus }: ServedAws): readonly ServedKind[] {
  const kind = (key: string, role: string, first: string): ServedKind => ({
    key,
    role,
    isInPrometheus: isInPrometheus && role === "",
    isInVmagent: false,
    section: ({ viaProxy }) => `${first}region: ${REGION}\naccess_key: AKIDSERVED\nsecret_key: ${SECRET}\n${viaProxy}`,
    serve(count) {
      const answer = serve(count);
      return (request) => signedOnly(request, answer);
    },
  });
  return [kind(`${name}_sd_configs`, "", ""), kind("aws_sd_configs", name, `role: ${name}\n`)];
}

function signedOnly(request: ServedRequest, answer: (call: ServedCall) => ServedAnswer): ServedAnswer {
  const signature = awsSignatureOf(request);
  const isRight = signature?.region === REGION && request.host === `${signature.service}.${REGION}.amazonaws.com`;
  if (!isRight || !signature.isMadeWith(SECRET)) return { status: 403, body: { __type: "InvalidSignatureException" } };
  const { "x-amz-target": target } = request.headers;
  const isJson = typeof target === "string";
  const form = new URLSearchParams(isJson ? "" : request.body);
  return answer({
    ...request,
    service: signature.service,
    operation: isJson ? target.slice(target.indexOf(".") + 1) : (form.get("Action") ?? ""),
    form,
    input: isJson ? (JSON.parse(request.body) as ServedCall["input"]) : {},
  });
}

/** Returns the XML answer to an operation of the Query protocol. */
export const queryAnswer = (operation: string, result: string): ServedAnswer => ({
  body: `<${operation}Response><${operation}Result>${result}</${operation}Result></${operation}Response>`,
});

/** Returns an XML element with a text or with other elements. */
export const element = (name: string, ...content: readonly string[]): string =>
  `<${name}>${content.join("")}</${name}>`;

/** Returns XML elements for the fields of an object. A field of another object contains its elements. */
export const elements = (fields: XmlFields): string =>
  Object.entries(fields)
    .map(([name, value]) => element(name, typeof value === "object" ? elements(value) : String(value)))
    .join("");

/** Fields of an XML element, without lists. */
export interface XmlFields {
  readonly [name: string]: string | number | boolean | XmlFields;
}
