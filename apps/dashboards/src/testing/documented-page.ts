import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Answer, type RoleOptions, type RunningRole, withRole } from "./running-role.ts";

/** Values of earlier answers, by the names under which a page keeps them. */
type Kept = Readonly<Record<string, string | number>>;

/** A request of Grafana's documentation, and the documented answer. */
export interface Documented {
  /** The effect of the request. The title of its test contains it. */
  readonly does: string;
  /** Method and path. A name in braces is replaced by the value that an earlier request kept: `GET /api/teams/{team}`. */
  readonly ask: string;
  readonly body?: unknown;
  /** Sender as `login:password`; the first user if absent. An empty text sends no credentials. */
  readonly as?: string;
  /** Kept name of the token with which the request is sent instead. */
  readonly token?: string;
  /** Kept name of the session with which the request is sent instead. */
  readonly session?: string;
  /** The documented status; 200 if absent. */
  readonly status?: number;
  /**
   * The documented answer. Each field must be in the answer, with this value or type. A list must have the same length.
   * Further fields are allowed, because Grafana's documentation leaves some out.
   */
  readonly gives?: unknown;
  /** Names of the values that later requests use, with their paths in the answer: `0.userId`. */
  readonly keeps?: Readonly<Record<string, string>>;
}

/** Types of documented fields. */
export const TEXT: unknown = expect.any(String);
export const NUMBER: unknown = expect.any(Number);
export const FLAG: unknown = expect.any(Boolean);
export const LIST: unknown = expect.any(Array);
export const TIME: unknown = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/);
export const AGE: unknown = expect.stringMatching(/^(< 1 minute|\d+[mhdMy])$/);
export const textLike = (pattern: RegExp): unknown => expect.stringMatching(pattern);
/** A list that contains an element with these fields, besides others. */
export const listWith = (...fields: readonly object[]): unknown => new ListWith(fields);

class ListWith {
  readonly fields: readonly object[];

  constructor(fields: readonly object[]) {
    this.fields = fields;
  }
}

/** The answer to a request without credentials. */
export const NOT_SIGNED_IN = { message: "Unauthorized", messageId: "auth.unauthorized", statusCode: 401 };
/** The answer to a request of a user without the right. */
export const DENIED = { title: "Access denied", accessErrorId: textLike(/^ACE\d{10}$/), message: TEXT };

/**
 * Sends the requests of one page of Grafana's documentation to one server, in this order, and compares each answer with
 * the documentation. Each request is a test.
 */
export function documentedPage(page: string, requests: readonly Documented[], options: RoleOptions = {}): void {
  describe(`${page} of Grafana's documentation`, () => {
    let role: RunningRole;
    let end: () => void;
    let over: Promise<void>;
    const kept: Record<string, string | number> = {};
    beforeAll(
      () =>
        new Promise<void>((resolve, reject) => {
          const use = (running: RunningRole): Promise<void> => {
            role = running;
            resolve();
            return new Promise((stop) => (end = stop));
          };
          over = withRole(options, use);
          over.catch(reject);
        }),
    );
    afterAll(async () => {
      end();
      await over;
    });
    for (const request of requests) {
      it(`${request.ask} ${request.does}`, async () => {
        const answer = await send(role, request, kept);
        expect(`${answer.status} ${shown(answer, request)}`).toBe(`${request.status ?? 200} ${shown(answer, request)}`);
        if (request.gives !== undefined) expect(answer.json).toMatchObject(filled(request.gives, kept) as object);
        for (const [name, path] of Object.entries(request.keeps ?? {})) kept[name] = valueAt(answer, path);
      });
    }
  });
}

/** Shows the text of an answer only if its status is wrong, so that the failed comparison explains it. */
const shown = ({ status, text }: Answer, request: Documented): string =>
  status === (request.status ?? 200) ? "" : text.slice(0, 500);

function send(role: RunningRole, request: Documented, kept: Kept): Promise<Answer> {
  const [method = "", path = ""] = request.ask.split(" ");
  const headers: Record<string, string> = {};
  if (request.token !== undefined) headers["authorization"] = `Bearer ${keptAs(request.token, kept)}`;
  if (request.session !== undefined) headers["cookie"] = String(keptAs(request.session, kept));
  const user = request.token !== undefined || request.session !== undefined ? "" : request.as;
  return role.call(method, String(filled(path, kept)), filled(request.body, kept), {
    headers,
    ...(user === undefined ? {} : { user }),
  });
}

function keptAs(name: string, kept: Kept): string | number {
  const value = kept[name];
  if (value === undefined) throw new Error(`no earlier request kept ${name}`);
  return value;
}

/** Replaces names in braces by kept values. A text that is only such a name becomes the value with its type. */
function filled(value: unknown, kept: Kept): unknown {
  if (typeof value === "string") {
    const whole = /^\{(\w+)\}$/.exec(value)?.[1];
    if (whole !== undefined) return keptAs(whole, kept);
    return value.replaceAll(/\{(\w+)\}/g, (_match, name: string) => String(keptAs(name, kept)));
  }
  if (Array.isArray(value)) return value.map((one) => filled(one, kept));
  if (value instanceof ListWith)
    return expect.arrayContaining(
      value.fields.map((one) => expect.objectContaining(filled(one, kept) as object) as unknown),
    );
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, filled(one, kept)]));
}

/** Returns the value at a path of an answer. The path `cookie` is the session in the answer's cookies. */
function valueAt({ headers, json }: Answer, path: string): string | number {
  if (path === "cookie")
    return headers
      .getSetCookie()
      .map((cookie) => cookie.split(";", 1)[0])
      .join("; ");
  const value = path.split(".").reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], json);
  if (typeof value !== "string" && typeof value !== "number") throw new Error(`the answer has no value at ${path}`);
  return value;
}
