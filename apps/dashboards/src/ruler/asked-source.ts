import { dataSourceKind, type DataSourceKind } from "@narthex/datasources";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { VisibleSourcesTo } from "../access/visible-sources.ts";
import type { Audit } from "../audit/audit.ts";
import type { SourceAnswer, SourceCall, SourceProxy } from "../datasources/source-proxy.ts";
import type { SourceRecord } from "../datasources/source-record.ts";
import { refusal } from "../web/refusal.ts";
import { pathParameter } from "../web/request-body.ts";

/** Maximum number of characters of a message that a source's server has sent. */
const MAX_MESSAGE = 16_384;

interface Parts {
  readonly proxy: Pick<SourceProxy, "ask">;
  readonly visible: VisibleSourcesTo;
  readonly audit: Pick<Audit, "note">;
}

/** A change at a source's server, as the audit log names it. */
interface Change {
  /** Kind of the changed object, such as `rule-group`. */
  readonly kind: string;
  readonly name: string;
}

/** The data source that the path of a request names by its uid. */
export interface NamedSource {
  readonly record: SourceRecord;
  readonly kind: DataSourceKind | undefined;
}

/** Sends requests of Grafana's APIs of alerting to the server of the data source that the path names. */
export class AskedSource {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Returns the data source. Throws a refusal if it does not exist, or if the sender may not query it. */
  source(request: FastifyRequest): NamedSource {
    const record = this.#parts.visible(request).source(pathParameter(request, "uid"));
    return { record, kind: dataSourceKind(record.type) };
  }

  /**
   * Sends a request to the data source's server, and returns the response. Throws a refusal with the server's own status
   * and message for status 400 and above.
   * @param change the change that a successful request makes; it is recorded in the audit log
   */
  async ask(
    request: FastifyRequest,
    reply: FastifyReply,
    { record, call, change }: { readonly record: SourceRecord; readonly call: SourceCall; readonly change?: Change },
  ): Promise<SourceAnswer> {
    const answer = await this.#parts.proxy.ask(request, reply, record, call);
    if (answer.status >= 400) throw refusal(answer.status, messageOf(answer));
    if (change !== undefined) {
      const action = call.method === "DELETE" ? "deleted" : "changed";
      await this.#parts.audit.note({ action, kind: change.kind, uid: record.uid, name: change.name });
    }
    return answer;
  }
}

/** Returns the message of a response with an error, as Grafana shows it. */
function messageOf({ type, body }: SourceAnswer): string {
  if (type.startsWith("text/html")) return "redacted html";
  const text = body.toString();
  return (type.startsWith("application/json") ? (messageIn(text) ?? text) : text).slice(0, MAX_MESSAGE);
}

/** Returns the `message` of a JSON object; undefined if it is missing or not a text. */
function messageIn(text: string): string | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const message = typeof value === "object" && value !== null && "message" in value ? value.message : undefined;
    return typeof message === "string" ? message : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Returns the refusal of a response with the wrong Content-Type. Grafana's pages recognise the beginning of the message,
 * and the status, as "no API to change rules".
 */
const wrongType = (expected: string, type: string, hint: string): Error =>
  refusal(500, `unexpected content type from upstream. expected ${expected}, got ${type.slice(0, 100)}${hint}`);

/** Checks that a response is YAML. Throws a refusal that ends with the hint. */
export function checkYaml({ type }: SourceAnswer, hint: string): void {
  if (!type.includes("yaml")) throw wrongType("YAML", type, `: ${hint}`);
}

/** Checks that a response is JSON, and sends it to the client. */
export function sendJsonAnswer(reply: FastifyReply, { status, type, body }: SourceAnswer): FastifyReply {
  if (!type.includes("json")) throw wrongType("JSON", type, "");
  return reply.code(status).type("application/json").send(body);
}

/** Sends the text of a response as a message. */
export const sendMessage = (reply: FastifyReply, { status, body }: SourceAnswer): FastifyReply =>
  reply.code(status).send({ message: body.toString().slice(0, MAX_MESSAGE) });
