import type { FastifyInstance, FastifyReply } from "fastify";

/** Answers what no route takes as Go's servers do: 404, or 405 with `Allow` where the path exists for other methods. */
export function answerUnknownRoutes(app: FastifyInstance): void {
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
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split("?")[0]!;
    const methods = new Set(known.filter(({ pattern }) => pattern.test(path)).flatMap((route) => [...route.methods]));
    methods.delete("HEAD");
    // A route that only answers preflight requests is not a resource.
    if ([...methods].every((method) => method === "OPTIONS")) return plainError(reply, 404, "404 page not found");
    const allowed = [...methods].sort();
    return plainError(reply.header("allow", allowed.join(", ")), 405, "Method Not Allowed");
  });
}

/** A route's url with :params and * as an expression. The urls are ours, not the user's. */
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

/** Go's http.Error: text with a newline, and no sniffing. */
export const plainError = (reply: FastifyReply, status: number, text: string): FastifyReply =>
  reply
    .code(status)
    .header("content-type", "text/plain; charset=utf-8")
    .header("x-content-type-options", "nosniff")
    .send(`${text}\n`);
