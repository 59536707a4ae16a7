import { type Answer, errorAnswer, type Handler, textAnswer } from "./answers.ts";

/** One handler for all paths, which leads to the clean one who asks for `//metrics` or `/a/../metrics`, as Go's does. */
export function routed(routes: ReadonlyMap<string, Handler>): Handler {
  return (request) => {
    const cut = request.url.indexOf("?");
    const asked = cut === -1 ? request.url : request.url.slice(0, cut);
    const handler = routes.get(asked);
    if (handler !== undefined) return handler(request);
    const path = decoded(escapedBytes(asked));
    if (path === undefined) return textAnswer(400, "400 Bad Request");
    const clean = cleaned(path);
    if (clean === path) return routes.get(path)?.(request) ?? errorAnswer(404, "404 page not found");
    const query = cut === -1 ? "" : escapedBytes(request.url.slice(cut));
    return movedAnswer(encoded(clean) + (query === "?" ? "" : query), request.method);
  };
}

/** Go's http.Redirect, with a page for who cannot follow. */
function movedAnswer(location: string, method: string): Answer {
  if (method !== "GET" && method !== "HEAD") return { status: 301, headers: { location }, body: "" };
  const text = location.replace(/[&<>"']/g, (char) => ENTITIES[char] ?? `&#${char.charCodeAt(0)};`);
  const headers = { location, "content-type": "text/html; charset=utf-8" };
  return { status: 301, headers, body: `<a href="${text}">Moved Permanently</a>.\n\n` };
}

/** As Go writes them into HTML; quotes go by their numbers. */
const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };

const hex = (char: string): string => `%${char.charCodeAt(0).toString(16)}`;

/** Node hands bytes beyond ASCII over as they came. */
const escapedBytes = (text: string): string => text.replace(/[\u0080-\u00ff]/g, hex);

/** The path with its escapes taken out; undefined where one is none. One that is no UTF-8 stays, and is no page's. */
function decoded(path: string): string | undefined {
  if (/%(?![\da-f]{2})/i.test(path)) return undefined;
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** The other way round, with as few escapes as Go's URLs. */
const encoded = (path: string): string =>
  encodeURIComponent(path)
    .replace(/%(?:24|26|2B|2C|2F|3A|3B|3D|40)/g, decodeURIComponent)
    .replace(/[!'()*]/g, hex);

/** Without empty parts, `.` and `..`; a slash at the end stays. */
function cleaned(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return `/${parts.join("/")}${path.endsWith("/") && parts.length > 0 ? "/" : ""}`;
}
