import { cleanPath, escapePath, requestPath } from "@narthex/runtime";
import { type Answer, errorAnswer, type Handler, textAnswer } from "./answers.ts";

/**
 * Returns one handler for all paths. A route that ends with a slash, except `/`, also handles paths below it. As in Go,
 * unclean paths such as `//metrics` are redirected.
 * @param others answers all other paths; the default is 404
 */
export function routed(routes: ReadonlyMap<string, Handler>, others: Handler = notFound): Handler {
  return (request) => {
    const cut = request.url.indexOf("?");
    const asked = cut === -1 ? request.url : request.url.slice(0, cut);
    const handler = routes.get(asked);
    if (handler !== undefined) return handler(request);
    if (asked === "*") return { status: 400, headers: { connection: "close" }, body: "" };
    const path = requestPath(asked);
    if (path === undefined) return textAnswer(400, "400 Bad Request");
    const clean = cleanPath(path);
    if (clean === path) return (handlerOf(routes, path) ?? others)(request);
    const query = cut === -1 ? "" : escapedBytes(request.url.slice(cut));
    return movedAnswer(escapePath(clean) + (query === "?" ? "" : query), request.method);
  };
}

const notFound: Handler = () => errorAnswer(404, "404 page not found");

function handlerOf(routes: ReadonlyMap<string, Handler>, bytes: string): Handler | undefined {
  const path = Buffer.from(bytes, "latin1").toString();
  const exact = routes.get(path);
  if (exact !== undefined) return exact;
  for (const [route, handler] of routes)
    if (route.endsWith("/") && route !== "/" && path.startsWith(route)) return handler;
  return undefined;
}

/** Returns a redirect like Go's http.Redirect, with a page for clients that do not follow the redirect. */
export function movedAnswer(location: string, method: string): Answer {
  if (method !== "GET" && method !== "HEAD") return { status: 301, headers: { location }, body: "" };
  const text = location.replace(/[&<>"']/g, (char) => ENTITIES[char] ?? `&#${char.charCodeAt(0)};`);
  const headers = { location, "content-type": "text/html; charset=utf-8" };
  return { status: 301, headers, body: `<a href="${text}">Moved Permanently</a>.\n\n` };
}

/** HTML escapes as in Go's html.EscapeString. Go escapes quotes by their numbers. */
const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };

/** Percent-encodes bytes beyond ASCII. Node would send them unchanged. */
const escapedBytes = (text: string): string =>
  text.replace(/[\u0080-\u00ff]/g, (char) => `%${char.charCodeAt(0).toString(16)}`);
