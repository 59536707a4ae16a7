import type { FastifyInstance } from "fastify";

/** A path without repeated slashes and dot segments; a slash at its end stays. */
export function cleanPath(path: string): string {
  const kept: string[] = [];
  for (const part of path.split("/")) {
    if (part === "..") kept.pop();
    else if (part !== "" && part !== ".") kept.push(part);
  }
  const clean = `/${kept.join("/")}`;
  return path.endsWith("/") && clean !== "/" ? `${clean}/` : clean;
}

/** Sends requests for an unclean path to the clean one, as Go's servers do. */
export function redirectUncleanPaths(app: FastifyInstance): void {
  app.addHook("onRequest", async (request, reply) => {
    const question = request.url.indexOf("?");
    const path = question === -1 ? request.url : request.url.slice(0, question);
    const clean = cleanPath(path);
    if (clean === path) return undefined;
    return reply
      .code(301)
      .header("location", clean + (question === -1 ? "" : request.url.slice(question)))
      .send();
  });
}
