import type { CloudAnswer } from "../client/cloud-transport.ts";
import { type AwsService, callAws, type Refusal } from "./aws-service.ts";

/** A service of AWS that uses the protocol JSON 1.1: a header names the operation, requests and answers are JSON. */
export interface JsonRpcApi extends AwsService {
  /** Prefix of the operation in the header `X-Amz-Target`, such as `Lightsail_20161128`. */
  readonly target: string;
}

/** Calls an operation of a service with JSON 1.1, as callAws() does. Returns the JSON text of the answer. */
export function callJsonRpcApi(api: JsonRpcApi, operation: string, input: object): Promise<string> {
  const headers = { "content-type": "application/x-amz-json-1.1", "x-amz-target": `${api.target}.${operation}` };
  return callAws(api, operation, { method: "POST", headers, body: JSON.stringify(input) }, refusalInJson);
}

/**
 * Requests a path of a service with the protocol REST JSON, as callAws() does. Returns the JSON text of the answer.
 * @param operation name for messages
 * @param path path and query; escapeUriPart() encodes their parts
 */
export const getRestJson = (api: AwsService, operation: string, path: string): Promise<string> =>
  callAws(api, operation, { method: "GET", path, headers: { accept: "application/json" } }, refusalInJson);

/** Returns `text` as a part of a path or a query, encoded as AWS' signature demands. */
export const escapeUriPart = (text: string): string =>
  encodeURIComponent(text).replaceAll(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`);

/** Returns the error in an answer. The service names it in a header or in the body, often with a prefix or a suffix. */
function refusalInJson({ text, headers }: CloudAnswer): Refusal {
  const body = fieldsOf(text);
  const name = headerText(headers["x-amzn-errortype"]) || textOf(body["code"]) || textOf(body["__type"]);
  const [code = ""] = name.slice(name.indexOf("#") + 1).split(":");
  return {
    code: code === "" ? undefined : code,
    message: textOf(body["message"]) || textOf(body["Message"]),
    requestId: headerText(headers["x-amzn-requestid"]),
  };
}

function fieldsOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
  } catch {
    return {};
  }
}

const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

const headerText = (value: string | readonly string[] | undefined): string =>
  typeof value === "string" ? value : (value?.[0] ?? "");
