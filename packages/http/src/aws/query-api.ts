import { XmlElement } from "../xml/xml-element.ts";
import type { CloudAnswer } from "../client/cloud-transport.ts";
import { type AwsService, callAws, type Refusal } from "./aws-service.ts";

/** A service of AWS that uses the Query protocol: requests are forms, answers are XML. */
export interface QueryApi extends AwsService {
  /** Version of the API, a date. */
  readonly version: string;
}

/** Calls an operation of a service with the Query protocol, as callAws() does. */
export async function callQueryApi(
  api: QueryApi,
  action: string,
  params: Readonly<Record<string, string>> = {},
): Promise<XmlElement> {
  const body = new URLSearchParams({ Action: action, Version: api.version, ...params }).toString();
  const headers = { "content-type": "application/x-www-form-urlencoded; charset=utf-8" };
  return XmlElement.parse(await callAws(api, action, { method: "POST", headers, body }, refusalInXml));
}

/** Returns the error in an answer. EC2 answers with a list of errors, other services with one error. */
async function refusalInXml({ text }: CloudAnswer): Promise<Refusal> {
  const answer = await XmlElement.parse(text).catch(() => undefined);
  const error = answer?.child("Errors").children("Error")[0] ?? answer?.child("Error");
  return {
    code: error?.text("Code"),
    message: error?.text("Message") ?? "",
    requestId: answer?.text("RequestID") ?? answer?.text("RequestId") ?? "",
  };
}
