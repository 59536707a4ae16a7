import { cleanPath, escapePath, requestPath } from "@narthex/runtime";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";

/** Answers a browser's request for an unknown path with a page. Returns undefined for other clients. */
type UnknownPathPage = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply> | undefined;

declare module "fastify" {
  interface FastifyInstance {
    /**
     * Functions that may answer a request for an unknown path, in the order of their calls. If none of them answers,
     * the client gets a line of text.
     */
    unknownPathPages?: UnknownPathPage[];
  }

  interface FastifyContextConfig {
    /** True if the parameters in the path of the route may contain every character, such as an escaped `/`. */
    hasEscapedNames?: boolean;
  }
}

/**
 * Answers unknown routes as Go's servers do: with 404, or with 405 and `Allow` if the path exists for other methods.
 * @param whole true to also answer OPTIONS, and to redirect if a path differs from a known path only in a trailing
 * slash
 */
export function answerUnknownRoutes(app: FastifyInstance, whole: boolean): void {
  const known: { readonly pattern: RegExp; readonly methods: Set<string> }[] = [];
  const byUrl = new Map<string, Set<string>>();
  app.addHook("onRoute", ({ url, method }) => {
    let methods = byUrl.get(url);
    if (methods === undefined) {
      methods = new Set();
      byUrl.set(url, methods);
      known.push({ pattern: patternOf(url), methods });
    }
    for (const one of Array.isArray(method) ? method : [method]) methods.add(one);
  });
  const pages: UnknownPathPage[] = [];
  app.decorate("unknownPathPages", pages);
  const notFound = (request: FastifyRequest, reply: FastifyReply): FastifyReply | Promise<FastifyReply> => {
    for (const page of pages) {
      const answer = page(request, reply);
      if (answer !== undefined) return answer;
    }
    return plainError(reply, 404, "404 page not found");
  };
  app.setNotFoundHandler((request, reply) => {
    const path = requestPath(request.url) ?? request.url.split("?")[0]!;
    const methodsOf = (asPath: string): Set<string> =>
      new Set(known.filter(({ pattern }) => pattern.test(asPath)).flatMap((route) => [...route.methods]));
    const methods = methodsOf(path);
    // Responds to a request whose route exists but whose handler has found no resource.
    if (methods.has(request.method) && request.method !== "OPTIONS")
      return plainError(reply, 404, "404 page not found");
    if (whole) {
      const other = path.endsWith("/") ? path.slice(0, -1) : `${path}/`;
      if (methods.size === 0 && methodsOf(other).has(request.method))
        return redirect(request, reply, escapePath(other));
      if (methods.size > 0) methods.add("OPTIONS");
      if (request.method === "OPTIONS" && methods.size > 0) {
        return reply.header("allow", [...methods].sort().join(", ")).send();
      }
    } else methods.delete("HEAD");
    // Treats a path that only has a route for CORS preflight requests as unknown.
    if ([...methods].every((method) => method === "OPTIONS")) return notFound(request, reply);
    const allowed = [...methods].sort();
    return plainError(reply.header("allow", allowed.join(", ")), 405, "Method Not Allowed");
  });
}

/** Redirects to a path with the same query: 301 for GET, 307 for requests with a body. */
export function redirect(request: FastifyRequest, reply: FastifyReply, path: string, status = 0): FastifyReply {
  const code = status || (request.method === "GET" ? 301 : 307);
  return redirectTo(request, reply, [path, ...request.url.split("?").slice(1)].join("?"), code);
}

/** Redirects a client. The body is a page, for clients that do not follow redirects. */
export function redirectTo(request: FastifyRequest, reply: FastifyReply, location: string, code: number): FastifyReply {
  reply.code(code).header("location", location);
  if (request.method !== "GET" && request.method !== "HEAD") return reply.send();
  const escaped = location.replace(/[&<>"']/g, (char) => ENTITIES[char] ?? `&#${char.charCodeAt(0)};`);
  const words = code === 301 ? "Moved Permanently" : code === 302 ? "Found" : "Temporary Redirect";
  return reply.type("text/html; charset=utf-8").send(`<a href="${escaped}">${words}</a>.\n\n`);
}

/** HTML escapes as in Go. Quotes are escaped as numbers. */
const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };

/**
 * Converts a route's URL with :params and * to a regular expression. The URLs come from this program, not from users.
 */
function patternOf(url: string): RegExp {
  const source = url
    .split("/")
    .map((part) =>
      part.startsWith(":")
        ? "[^/]+"
        : part
            .split("*")
            .map((literal) => RegExp.escape(literal))
            .join(".*"),
    )
    .join("/");
  return new RegExp(`^${source}$`);
}

/** Sends an error like Go's http.Error: text with a newline, and the header nosniff. */
export const plainError = (reply: FastifyReply, status: number, text: string): FastifyReply =>
  reply
    .code(status)
    .header("content-type", "text/plain; charset=utf-8")
    .header("x-content-type-options", "nosniff")
    .send(`${text}\n`);

/**
 * Redirects a path that contains `//`, `.` or `..` to its clean form, as Go's servers do. Routes with
 * `hasEscapedNames` get such paths if the characters are escaped.
 */
export function redirectUncleanPaths(app: FastifyInstance): void {
  app.addHook("onRequest", (request, reply, done) => {
    if (request.routeOptions.config.hasEscapedNames === true) {
      done();
      return;
    }
    const path = requestPath(request.originalUrl);
    const clean = path && cleanPath(path);
    if (clean === undefined || clean === path) done();
    else redirect(request, reply, escapePath(clean), 301);
  });
}

/**
 * Returns a URL that Fastify's router can read. If the path is not valid UTF-8, replaces all escapes of non-ASCII bytes
 * by U+FFFD.
 */
export function routableUrl(url: string): string {
  const path = url.split("?", 1)[0]!;
  if (!path.includes("%")) return url;
  try {
    decodeURIComponent(path);
    return url;
  } catch {
    return path.replace(/%[89a-f][\da-f]/gi, "%EF%BF%BD") + url.slice(path.length);
  }
}
