import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Answer, type RoleOptions, type RunningRole, withRole } from "./running-role.ts";

/** Values of earlier responses that later requests use, by name. */
type Kept = Readonly<Record<string, string | number>>;

/** A request of Grafana's documentation, and the documented response. */
export interface Documented {
  /** Effect of the request, for the title of its test. */
  readonly does: string;
  /** Method and path. A name in braces is replaced by a value of an earlier response: `GET /api/teams/{team}`. */
  readonly ask: string;
  readonly body?: unknown;
  /** Sender as `login:password`; the first user if absent. An empty text sends no credentials. */
  readonly as?: string;
  /** Name of the earlier value that is the token of the request. */
  readonly token?: string;
  /** Name of the earlier value that is the session of the request. */
  readonly session?: string;
  /** The documented status; 200 if absent. */
  readonly status?: number;
  /**
   * The documented response. The actual response must contain each field, with this value or type. Lists must have the
   * same length. The response may have more fields, because Grafana's documentation leaves some out.
   */
  readonly gives?: unknown;
  /** Values to remember for later requests: their names, and their paths in the response, such as `0.userId`. */
  readonly keeps?: Readonly<Record<string, string>>;
}

/** Matchers for the types of documented fields. */
export const TEXT: unknown = expect.any(String);
export const NUMBER: unknown = expect.any(Number);
export const FLAG: unknown = expect.any(Boolean);
export const LIST: unknown = expect.any(Array);
export const TIME: unknown = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/);
export const AGE: unknown = expect.stringMatching(/^(< 1 minute|\d+[mhdMy])$/);
export const textLike = (pattern: RegExp): unknown => expect.stringMatching(pattern);
/** Matches a list that contains an element with these fields, and possibly other elements. */
export const listWith = (...fields: readonly object[]): unknown => new ListWith(fields);

class ListWith {
  readonly fields: readonly object[];

  constructor(fields: readonly object[]) {
    this.fields = fields;
  }
}

/** Response to a request without credentials. */
export const NOT_SIGNED_IN = { message: "Unauthorized", messageId: "auth.unauthorized", statusCode: 401 };
/** Response to a request of a user without the required right. */
export const DENIED = { title: "Access denied", accessErrorId: textLike(/^ACE\d{10}$/), message: TEXT };

/**
 * Sends the requests on one page of Grafana's documentation to one server, in order, and compares each response with
 * the documentation. Each request becomes a test.
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

/**
 * Returns the text of a response if its status is wrong, so that the message of the failed comparison explains the
 * status.
 */
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

/**
 * Replaces names in braces by values of earlier responses. A text that is only such a name becomes the value with its
 * type.
 */
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

/** Returns the value at a path in a response. The path `cookie` means the session in the response's cookies. */
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
