import { cleanPath, escapePath, requestPath } from "@narthex/runtime";
import { type Answer, errorAnswer, type Handler, textAnswer } from "./answers.ts";

/**
 * One handler for all paths: a route that ends with a slash takes what is below it, `/` aside. It leads to the clean one who asks for `//metrics` or `/a/../metrics`, as Go's does.
 */
export function routed(routes: ReadonlyMap<string, Handler>): Handler {
  return (request) => {
    const cut = request.url.indexOf("?");
    const asked = cut === -1 ? request.url : request.url.slice(0, cut);
    const handler = routes.get(asked);
    if (handler !== undefined) return handler(request);
    if (asked === "*") return { status: 400, headers: { connection: "close" }, body: "" };
    const path = requestPath(asked);
    if (path === undefined) return textAnswer(400, "400 Bad Request");
    const clean = cleanPath(path);
    if (clean === path) return handlerOf(routes, path)?.(request) ?? errorAnswer(404, "404 page not found");
    const query = cut === -1 ? "" : escapedBytes(request.url.slice(cut));
    return movedAnswer(escapePath(clean) + (query === "?" ? "" : query), request.method);
  };
}

function handlerOf(routes: ReadonlyMap<string, Handler>, bytes: string): Handler | undefined {
  const path = Buffer.from(bytes, "latin1").toString();
  const exact = routes.get(path);
  if (exact !== undefined) return exact;
  for (const [route, handler] of routes)
    if (route.endsWith("/") && route !== "/" && path.startsWith(route)) return handler;
  return undefined;
}

/** Go's http.Redirect, with a page for who cannot follow. */
export function movedAnswer(location: string, method: string): Answer {
  if (method !== "GET" && method !== "HEAD") return { status: 301, headers: { location }, body: "" };
  const text = location.replace(/[&<>"']/g, (char) => ENTITIES[char] ?? `&#${char.charCodeAt(0)};`);
  const headers = { location, "content-type": "text/html; charset=utf-8" };
  return { status: 301, headers, body: `<a href="${text}">Moved Permanently</a>.\n\n` };
}

/** As Go writes them into HTML; quotes go by their numbers. */
const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };

/** Node hands bytes beyond ASCII over as they came. */
const escapedBytes = (text: string): string =>
  text.replace(/[\u0080-\u00ff]/g, (char) => `%${char.charCodeAt(0).toString(16)}`);
