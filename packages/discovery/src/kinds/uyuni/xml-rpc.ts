import { withoutSecrets, XmlElement, xmlText } from "@narthex/http";
import { quote } from "@narthex/model";
import { AnswerError } from "../../answers/answer-error.ts";

/** A parameter of a call. Numbers must be integers. */
export type XmlRpcParameter = string | number | readonly number[];

/** Returns the document that calls a method; http://xmlrpc.com/spec.md. */
export function xmlRpcCall(method: string, parameters: readonly XmlRpcParameter[]): string {
  const written = parameters.map((parameter) => `<param>${valueXml(parameter)}</param>`).join("");
  return `<?xml version="1.0" encoding="UTF-8"?><methodCall><methodName>${method}</methodName><params>${written}</params></methodCall>`;
}

const valueXml = (value: XmlRpcParameter): string => {
  if (typeof value === "string") return `<value><string>${xmlText(value)}</string></value>`;
  return typeof value === "number"
    ? integerXml(value)
    : `<value><array><data>${value.map(integerXml).join("")}</data></array></value>`;
};

const integerXml = (value: number): string => `<value><int>${value}</int></value>`;

/**
 * Returns the result of a call. Rejects with AnswerError if the answer is a fault, or no answer of XML-RPC.
 * @param secrets secrets of the call, which the message of a fault can repeat
 */
export async function xmlRpcResult(text: string, secrets: readonly string[]): Promise<XmlRpcValue> {
  const answer = await XmlElement.parse(text);
  const [fault] = answer.children("fault");
  if (fault !== undefined) {
    const value = new XmlRpcValue(fault.child("value"));
    const message = withoutSecrets(value.member("faultString").text(), secrets);
    throw new AnswerError(`Fault(${value.member("faultCode").integer()}): ${message}`);
  }
  const [result] = answer.child("params").child("param").children("value");
  if (result === undefined) throw new AnswerError("answer has no result of a call of XML-RPC");
  return new XmlRpcValue(result);
}

const INTEGERS: ReadonlySet<string> = new Set(["int", "i4", "i8"]);

/** A value in an answer of XML-RPC. A member that is missing has the value 0, false or "". */
export class XmlRpcValue {
  /** Type of the value, or undefined if the value is missing. */
  readonly #type: string | undefined;
  /** Element of the type. A value without such an element is a string. */
  readonly #content: XmlElement | undefined;

  /** @param value the element `<value>`, or undefined if the value is missing */
  constructor(value: XmlElement | undefined) {
    const [type] = value?.childNames ?? [];
    this.#content = type === undefined ? value : value!.child(type);
    this.#type = value === undefined || type === "nil" ? undefined : (type ?? "string");
  }

  text(): string {
    if (this.#type === undefined) return "";
    return this.#type === "string" ? this.#words : this.#mismatch("string");
  }

  integer(): number {
    if (this.#type === undefined) return 0;
    const digits = this.#words.trim();
    if (!INTEGERS.has(this.#type) || !/^[+-]?\d{1,15}$/.test(digits)) return this.#mismatch("int");
    return Number(digits);
  }

  flag(): boolean {
    if (this.#type === undefined) return false;
    const word = this.#words.trim();
    return this.#type === "boolean" && (word === "0" || word === "1") ? word === "1" : this.#mismatch("boolean");
  }

  /** Returns the values of an array. */
  items(): readonly XmlRpcValue[] {
    if (this.#type === undefined) return [];
    if (this.#type !== "array") return this.#mismatch("array");
    return this.#content!.child("data")
      .children("value")
      .map((value) => new XmlRpcValue(value));
  }

  /** Returns a member of a structure. */
  member(name: string): XmlRpcValue {
    if (this.#type === undefined) return this;
    if (this.#type !== "struct") return this.#mismatch("struct");
    const found = this.#content!.children("member").find((member) => member.text("name") === name);
    return new XmlRpcValue(found?.children("value")[0]);
  }

  get #words(): string {
    return this.#content?.ownText ?? "";
  }

  #mismatch(wanted: string): never {
    const words = this.#words.trim().slice(0, 50);
    throw new AnswerError(`a value of the answer is the ${this.#type!} ${quote(words)}, but ${wanted} is expected`);
  }
}
